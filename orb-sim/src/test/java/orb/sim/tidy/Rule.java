package orb.sim.tidy;

import java.util.List;
import java.util.function.Function;

/** Something of STYLE.md or LAYOUT.md that a plain scan can hold the tree to. */
record Rule(String name, Function<SourceTree, List<Violation>> scan) {
    List<Violation> check(SourceTree tree) {
        return scan.apply(tree);
    }

    @Override
    public String toString() {
        return name;
    }
}
