package orb.host.walls;

/**
 * One wall around the functions of this machine: there or missing, and why.
 *
 * @param name {@code process}, {@code namespaces}, {@code seccomp}, {@code cgroup} or {@code
 *     rlimits}
 * @param active whether it stands
 * @param detail what it does here, or what is in its way
 * @param next how to get it, empty where it stands
 */
public record Layer(String name, boolean active, String detail, String next) {
    static Layer active(String name, String detail) {
        return new Layer(name, true, detail, "");
    }

    static Layer missing(String name, String why, String next) {
        return new Layer(name, false, why, next);
    }
}
