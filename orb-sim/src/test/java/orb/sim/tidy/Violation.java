package orb.sim.tidy;

/**
 * A place where a rule does not hold.
 *
 * @param rule name of the rule, as in tidy-exceptions.txt
 * @param subject what an exception would name: a path, or path#method
 * @param line where to look, 0 for the file as a whole
 * @param message what is wrong and what to do
 */
record Violation(String rule, String subject, int line, String message) {
    @Override
    public String toString() {
        return "%s:%d [%s] %s".formatted(subject, line, rule, message);
    }
}
