package orb.host.build;

/**
 * A script whose names are shortened.
 *
 * @param text what is compiled and shipped
 * @param map from places in it to its source, which its owner keeps
 */
public record ShortScript(String text, ScriptMap map) {}
