package orb.kernel;

import static orb.kernel.Require.require;

/**
 * The name by which people call a function; its URL path is {@code /f/<owner>/<name>}.
 *
 * @param owner the account's registered name
 * @param name the function's name among its owner's
 */
public record FunctionName(String owner, String name) implements Comparable<FunctionName> {
    public FunctionName {
        require(isLabel(owner), "an owner is 1..63 of a-z, 0-9 and inner hyphens: %s", owner);
        require(isLabel(name), "a name is 1..63 of a-z, 0-9 and inner hyphens: %s", name);
    }

    /**
     * Whether the text may be an owner's or a function's name (an RFC 1123 label in lower case).
     */
    public static boolean isLabel(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean inner = i > 0 && i < text.length() - 1;
            if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && (c != '-' || !inner)) {
                return false;
            }
        }
        return !text.isEmpty() && text.length() <= 63;
    }

    /**
     * Reads {@code owner/name}.
     *
     * @throws IllegalArgumentException for any other text
     */
    public static FunctionName parse(String text) {
        int slash = text.indexOf('/');
        require(slash > 0, "a function is named owner/name, not %s", text);
        return new FunctionName(text.substring(0, slash), text.substring(slash + 1));
    }

    public String path() {
        return "/f/" + owner + "/" + name;
    }

    @Override
    public int compareTo(FunctionName other) {
        int byOwner = owner.compareTo(other.owner);
        return byOwner != 0 ? byOwner : name.compareTo(other.name);
    }

    @Override
    public String toString() {
        return owner + "/" + name;
    }
}
