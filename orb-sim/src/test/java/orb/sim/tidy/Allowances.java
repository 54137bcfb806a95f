package orb.sim.tidy;

import java.util.ArrayList;
import java.util.List;

/** tidy-exceptions.txt: who may break which rule, and why. */
record Allowances(List<Allowance> all) {
    /** One line of the file: {@code rule | path or path#method | reason}. */
    record Allowance(String rule, String subject, String reason) {
        boolean covers(Violation violation) {
            return rule.equals(violation.rule()) && subject.equals(violation.subject());
        }
    }

    static Allowances parse(String text) {
        var all = new ArrayList<Allowance>();
        for (var line : text.lines().filter(l -> !l.isBlank() && !l.startsWith("#")).toList()) {
            var parts = line.split("\\|", 3);
            if (parts.length < 3 || parts[2].isBlank()) {
                throw new IllegalArgumentException(
                        "not 'rule | subject | reason' in tidy-exceptions.txt: " + line);
            }
            all.add(new Allowance(parts[0].strip(), parts[1].strip(), parts[2].strip()));
        }
        return new Allowances(all);
    }

    List<Violation> notCovered(List<Violation> violations) {
        return violations.stream().filter(v -> all.stream().noneMatch(a -> a.covers(v))).toList();
    }

    /** Exceptions for what is no longer broken: the list only shrinks. */
    List<Allowance> stale(List<Violation> violations) {
        return all.stream().filter(a -> violations.stream().noneMatch(a::covers)).toList();
    }
}
