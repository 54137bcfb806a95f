package orb.host.walls;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import orb.kernel.ByteSize;

/** A program that runs behind walls: what it sees of the machine, and how much it may take. */
public interface Contained {
    /**
     * A file or folder that it sees and cannot write.
     *
     * @param from where the machine has it
     * @param to where it sees it
     */
    record Sight(Path from, Path to) {
        /** At the same place. */
        public Sight(Path both) {
            this(both, both);
        }
    }

    /** What system calls it is left. */
    enum Calls {
        /** Those of a JVM that only computes. */
        COMPUTING,
        /** With those by which programs start others and wait for more than one thing. */
        PROCESSES
    }

    /**
     * All that it sees, with the libraries that it needs.
     *
     * @throws IOException if they cannot be found out
     */
    List<Sight> sights() throws IOException;

    /** Folders that it sees by the same links as the machine, where they are links. */
    default List<Path> links() {
        return List.of(Path.of("/lib"), Path.of("/lib64"), Path.of("/usr/lib64"));
    }

    /** The command within the walls. */
    List<String> command();

    /** The whole of its environment. */
    Map<String, String> environment();

    /** A program among {@link #sights} that the dynamic loader can check, to try the walls. */
    Path loadable();

    /** The most memory that it may hold, enforced from outside of it. */
    ByteSize memory();

    /** The most address space that it may write: stacks count in full, however little is used. */
    ByteSize data();

    /** The most processes and threads, with those that build the walls. */
    int pids();

    /** Its part of the processors. */
    Share share();

    /** The system calls that it is left. */
    Calls calls();
}
