package orb.sim.tidy;

import java.util.ArrayList;
import java.util.List;

/** docs/SPECIFICATION.md as data. */
record Specification(List<Row> rows) {
    static final String WORKS = "works";
    static final String NOT_YET = "not yet";

    /**
     * One promise.
     *
     * @param tests {@code Class#method} or {@code Class}
     */
    record Row(String id, String promise, String state, List<String> tests) {
        boolean works() {
            return state.equals(WORKS);
        }

        /** Whether the row speaks of that test: a class stands for all its methods. */
        boolean names(String test) {
            var type = typeOf(test);
            return tests.stream()
                    .anyMatch(named ->
                            named.equals(test)
                                    || named.equals(type)
                                    || (test.equals(type) && typeOf(named).equals(type)));
        }
    }

    static String typeOf(String test) {
        int hash = test.indexOf('#');
        return hash < 0 ? test : test.substring(0, hash);
    }

    static boolean isId(String text) {
        return text.matches("[A-K]\\d{1,2}");
    }

    static Specification parse(String text) {
        var rows = new ArrayList<Row>();
        for (var line : text.lines().toList()) {
            var cells = line.split("\\|", -1);
            if (cells.length == 6 && isId(cells[1].strip())) {
                rows.add(
                        new Row(
                                cells[1].strip(),
                                cells[2].strip(),
                                cells[3].strip(),
                                testsIn(cells[4])));
            }
        }
        return new Specification(rows);
    }

    private static List<String> testsIn(String cell) {
        var text = cell.replace("`", "").strip();
        return text.isEmpty() ? List.of() : List.of(text.split("[,\\s]+"));
    }
}
