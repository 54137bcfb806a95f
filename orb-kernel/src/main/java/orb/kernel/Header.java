package orb.kernel;

import static orb.kernel.Require.require;

/**
 * One HTTP field (RFC 9110 section 5).
 *
 * @param name lower case token, at most 128 characters
 * @param value visible ASCII, space and tab, at most 8,192 characters
 */
public record Header(String name, String value) {
    public static final int NAME_MAX = 128;
    public static final int VALUE_MAX = 8192;
    private static final String TOKEN_MARKS = "!#$%&'*+-.^_`|~";

    public Header {
        require(
                isName(name),
                "a header name is 1..%d lower case token characters: %s",
                NAME_MAX,
                name);
        require(
                isText(value),
                "the value of header %s is at most %d visible ASCII characters",
                name,
                VALUE_MAX);
    }

    /** Whether name and value would be accepted. */
    public static boolean isValid(String name, String value) {
        return isName(name) && isText(value);
    }

    // plain loops: every header of every request passes here
    private static boolean isName(String name) {
        for (int i = 0; i < name.length(); i++) {
            if (!isToken(name.charAt(i))) {
                return false;
            }
        }
        return !name.isEmpty() && name.length() <= NAME_MAX;
    }

    private static boolean isText(String value) {
        for (int i = 0; i < value.length(); i++) {
            if (!isValue(value.charAt(i))) {
                return false;
            }
        }
        return value.length() <= VALUE_MAX;
    }

    private static boolean isToken(int c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || TOKEN_MARKS.indexOf(c) >= 0;
    }

    private static boolean isValue(int c) {
        return c == '\t' || (c >= ' ' && c < 0x7f);
    }
}
