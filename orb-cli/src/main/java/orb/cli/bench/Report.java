package orb.cli.bench;

/** Takes what a benchmark finds, as soon as it is known. */
public interface Report {
    void figure(Figure figure);

    /** Another program that is measured beside, in the version that is measured. */
    void beside(String bench, String program, String version);

    /** What could not be measured, and why. */
    void lacks(String bench, String what, String why);
}
