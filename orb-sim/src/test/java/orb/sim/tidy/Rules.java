package orb.sim.tidy;

import java.util.List;

/** Every rule that the tree is held to. */
final class Rules {
    static final List<Rule> ALL =
            List.of(
                    SizeRules.METHOD_LINES,
                    SizeRules.PARAMETERS,
                    SizeRules.FILE_LINES,
                    SizeRules.PACKAGE_FILES,
                    SizeRules.COLUMNS,
                    CodeRules.HIDDEN_TIME_AND_CHANCE,
                    CodeRules.VISIBLE_ORDER,
                    CodeRules.IMPORTS,
                    CodeRules.NAMES,
                    CodeRules.LOOSE_ENDS,
                    FenceRules.THIRD_PARTY,
                    LayoutRules.MODULES,
                    LayoutRules.READMES,
                    LayoutRules.MACHINE_PATHS,
                    LayoutRules.LOCK_FILE);

    private Rules() {}
}
