package orb.cli;

import java.util.ArrayList;
import java.util.List;

/** The words of a command line, common options allowed before the verb too. */
final class Words {
    private Words() {}

    /**
     * The words with options that every verb has moved behind the verb, where the verb reads them:
     * {@code --node bob fn ls} becomes {@code fn ls --node bob}.
     */
    static String[] ordered(String... words) {
        List<String> moved = new ArrayList<>();
        int at = 0;
        while (at < words.length) {
            String word = words[at];
            if (takesNext(word) && at + 1 < words.length) {
                moved.add(word);
                moved.add(words[at + 1]);
                at += 2;
            } else if (word.startsWith("--node=") || word.startsWith("--output=")) {
                moved.add(word);
                at++;
            } else {
                break;
            }
        }
        List<String> all = new ArrayList<>(List.of(words).subList(at, words.length));
        all.addAll(moved);
        return all.toArray(String[]::new);
    }

    private static boolean takesNext(String word) {
        return word.equals("--node") || word.equals("-o") || word.equals("--output");
    }
}
