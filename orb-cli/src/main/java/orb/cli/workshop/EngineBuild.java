package orb.cli.workshop;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import orb.kernel.Bytes;
import orb.sandbox.EngineCode;

/** Compiles the script engine while the program is built, if it was not compiled already. */
final class EngineBuild {
    private EngineBuild() {}

    /**
     * Takes the file to write, a file that remembers of what it was made, and the compiler's
     * version.
     */
    public static void main(String[] words) throws IOException {
        Path code = Path.of(words[0]);
        Path remembered = Path.of(words[1]);
        Bytes engine = Engine.scriptEngine();
        String source = words[2] + " " + EngineCode.source(engine);
        if (Files.exists(code)
                && Files.exists(remembered)
                && Files.readString(remembered).equals(source)) {
            return;
        }
        System.out.println("orb: compiling the script engine");
        Files.createDirectories(code.getParent());
        Files.write(code, EngineCode.of(engine).array());
        Files.writeString(remembered, source);
    }
}
