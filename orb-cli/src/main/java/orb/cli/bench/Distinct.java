package orb.cli.bench;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import orb.kernel.Bytes;

/** Makes any number of different modules from one. */
final class Distinct {
    private Distinct() {}

    /** The module with a custom section more, which changes its digest and nothing else. */
    static Bytes of(Bytes module, String mark) {
        byte[] name = Bytes.utf8("mark").array();
        byte[] content = Bytes.utf8(mark).array();
        ByteBuffer section = ByteBuffer.allocate(3 + name.length + content.length);
        section.put((byte) 0).put((byte) (1 + name.length + content.length));
        section.put((byte) name.length).put(name).put(content);
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        whole.writeBytes(module.array());
        whole.writeBytes(section.array());
        return Bytes.wrap(whole.toByteArray());
    }
}
