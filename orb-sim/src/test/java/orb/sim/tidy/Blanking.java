package orb.sim.tidy;

/** Blanks comments and literals of Java text, keeping every offset and every line where it was. */
final class Blanking {
    private enum Mode {
        CODE,
        LINE_COMMENT,
        BLOCK_COMMENT,
        STRING,
        CHARACTER,
        TEXT_BLOCK
    }

    private final String text;
    private final boolean commentsToo;
    private final StringBuilder out;
    private Mode mode = Mode.CODE;
    private int at;

    private Blanking(String text, boolean commentsToo) {
        this.text = text;
        this.commentsToo = commentsToo;
        this.out = new StringBuilder(text.length());
    }

    static String code(String text) {
        return new Blanking(text, true).run();
    }

    static String prose(String text) {
        return new Blanking(text, false).run();
    }

    private String run() {
        while (at < text.length()) {
            switch (mode) {
                case CODE -> inCode();
                case LINE_COMMENT -> inComment("\n");
                case BLOCK_COMMENT -> inComment("*/");
                case STRING -> inLiteral("\"");
                case CHARACTER -> inLiteral("'");
                case TEXT_BLOCK -> inLiteral("\"\"\"");
            }
        }
        return out.toString();
    }

    private void inCode() {
        if (text.startsWith("//", at)) {
            enter(Mode.LINE_COMMENT, 2, commentsToo);
        } else if (text.startsWith("/*", at)) {
            enter(Mode.BLOCK_COMMENT, 2, commentsToo);
        } else if (text.startsWith("\"\"\"", at)) {
            enter(Mode.TEXT_BLOCK, 3, false);
        } else if (text.charAt(at) == '"') {
            enter(Mode.STRING, 1, false);
        } else if (text.charAt(at) == '\'') {
            enter(Mode.CHARACTER, 1, false);
        } else {
            copy(1, false);
        }
    }

    private void enter(Mode next, int length, boolean blank) {
        mode = next;
        copy(length, blank);
    }

    private void inComment(String end) {
        if (text.startsWith(end, at)) {
            mode = Mode.CODE;
            copy(end.length(), commentsToo);
        } else {
            copy(1, commentsToo);
        }
    }

    private void inLiteral(String end) {
        if (text.charAt(at) == '\\') {
            copy(2, true);
        } else if (text.startsWith(end, at)) {
            mode = Mode.CODE;
            copy(end.length(), false);
        } else {
            copy(1, true);
        }
    }

    private void copy(int length, boolean blank) {
        for (int end = Math.min(at + length, text.length()); at < end; at++) {
            char c = text.charAt(at);
            out.append(blank && c != '\n' ? ' ' : c);
        }
    }
}
