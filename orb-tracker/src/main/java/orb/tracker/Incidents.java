package orb.tracker;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import orb.kernel.AccountId;
import orb.kernel.Bytes;
import orb.kernel.Digest;
import orb.kernel.FunctionId;
import orb.kernel.FunctionName;
import orb.kernel.NodeId;
import orb.kernel.message.Incident;
import orb.kernel.message.Membership;
import orb.ledger.Ledger;
import orb.ledger.Registered;
import orb.overlay.IncidentBook;
import orb.overlay.Reputation;

/**
 * What this tracker noticed itself, what nodes say that they noticed, and what follows for the
 * reputation of nodes and the standing of functions.
 *
 * <p>Its own are kept on its disk; what nodes say is in memory, and they say it again to a tracker
 * that has restarted. A node without an account is nobody's word and is not listened to; what it
 * says counts for {@link Reputation#REMEMBERED} from when this tracker heard of it, whatever times
 * it names, so that a node cannot take back by silence or an empty list what it said. Reputations
 * are computed at each sweep.
 */
final class Incidents {
    /** Own incidents that are kept. */
    private static final int OWN_MAX = 1024;

    /** Nodes whose word is kept; of more, the one that was heard longest ago is forgotten. */
    private static final int NODES_MAX = 1024;

    private final Turn turn;
    private final Ledger ledger;
    private final NodeId self;
    private final Members members;
    private final IncidentBook own = new IncidentBook(OWN_MAX);
    private final Map<NodeId, Word> words = new LinkedHashMap<>();
    private final Map<NodeId, Integer> reputations = new TreeMap<>(); // of those below full

    /** What one node says, by what makes two incidents the same. */
    private record Word(AccountId account, Map<Incident.Name, Heard> incidents) {}

    /** An incident and when this tracker heard that it had happened again. */
    private record Heard(Incident incident, Instant at) {}

    Incidents(Turn turn, Ledger ledger, NodeId self, Members members) {
        this.turn = turn;
        this.ledger = ledger;
        this.self = self;
        this.members = members;
    }

    /** Takes up what this tracker noticed in earlier lives. */
    void start(NavigableMap<Bytes, Bytes> kept) {
        own.start(kept);
    }

    /** A node tells what it noticed. */
    void said(Member member, List<Incident> incidents) {
        Optional<AccountId> account = ledger.node(member.id()).map(Registered.Node::account);
        if (account.isEmpty()) {
            return;
        }
        Word before = words.remove(member.id());
        Map<Incident.Name, Heard> heard = before == null ? new LinkedHashMap<>() : before.incidents;
        for (Incident incident : incidents) {
            if (incident.isRaised() && isKnown(incident)) {
                hear(heard, incident);
            }
        }
        if (heard.isEmpty()) {
            return;
        }
        words.put(member.id(), new Word(account.get(), heard)); // the newest stands last
        if (words.size() > NODES_MAX) {
            words.remove(words.keySet().iterator().next());
        }
    }

    /** Whether it is about a function of the registry, or about none. */
    private boolean isKnown(Incident incident) {
        return incident.function().isEmpty()
                || ledger.function(incident.function().get()).isPresent();
    }

    private void hear(Map<Incident.Name, Heard> heard, Incident incident) {
        Incident.Name name = incident.name();
        Heard known = heard.get(name);
        if (known != null && known.incident.count() == incident.count()) {
            return;
        }
        heard.remove(name);
        heard.put(name, new Heard(incident, turn.now()));
        if (heard.size() > Membership.INCIDENTS_MAX) {
            heard.remove(heard.keySet().iterator().next());
        }
    }

    /** The world noticed that something here is not as it was. */
    void noticed(Incident.Kind kind, Digest artefact, String detail) {
        Optional<FunctionName> name =
                ledger.functions().stream()
                        .filter(each -> each.newest().artefact().equals(artefact))
                        .findFirst()
                        .map(Registered.Function::name);
        note(kind, name, Optional.empty(), detail);
    }

    /** A host's answer could not be right. */
    void answeredFalsely(NodeId host, FunctionName function, String why) {
        note(Incident.Kind.FALSE_ANSWER, Optional.of(function), Optional.of(host), why);
    }

    /** A peer sent something else than the executable that it was asked for. */
    void sentAnother(NodeId peer, FunctionId function, String why) {
        note(
                Incident.Kind.ARTEFACT_CHANGED,
                ledger.function(function).map(Registered.Function::name),
                Optional.of(peer),
                why);
    }

    /** A tracker signed another history of the ledger. */
    void forked(NodeId tracker, String why) {
        note(Incident.Kind.LEDGER_FORKED, Optional.empty(), Optional.of(tracker), why);
    }

    private void note(
            Incident.Kind kind,
            Optional<FunctionName> function,
            Optional<NodeId> peer,
            String detail) {
        own.note(Incident.first(kind, function, peer, detail, turn.now()), turn.now())
                .ifPresent(raised ->
                        turn.tell(
                                "incident.raised",
                                peer.map(NodeId::toString).orElse("this tracker"),
                                kind.label() + ": " + raised.detail()));
    }

    /** Saves what is new, forgets what is old, and lets reputations recover. */
    void sweep() {
        turn.addAll(own.save());
        words.values().forEach(word -> word.incidents.values().removeIf(each -> isOld(each.at)));
        words.values().removeIf(word -> word.incidents.isEmpty());
        if (!words.isEmpty() || !reputations.isEmpty() || own.revision() > 0) {
            judge();
        }
    }

    private boolean isOld(Instant at) {
        return !turn.now().isBefore(at.plus(Reputation.REMEMBERED));
    }

    /** What speaks against one node. */
    private static final class Charge {
        private long seen;
        private final Set<AccountId> accusers = new TreeSet<>();
        private final Set<Incident.Kind> confessed = EnumSet.noneOf(Incident.Kind.class);
    }

    private void judge() {
        Map<NodeId, Charge> charges = new TreeMap<>();
        for (Incident each : recent()) {
            if (each.peer().isPresent() && Reputation.isOfNode(each.kind())) {
                Charge charge = charges.computeIfAbsent(each.peer().get(), _ -> new Charge());
                charge.seen += Math.min(each.count(), Reputation.FULL); // more changes nothing
            }
        }
        words.forEach((reporter, word) ->
                word.incidents.keySet().stream()
                        .filter(name -> Reputation.isOfNode(name.kind()))
                        .forEach(name -> charge(charges, reporter, word, name)));
        reputations.clear();
        charges.forEach((node, charge) ->
                reputations.put(
                        node,
                        Reputation.ofNode(
                                charge.seen, charge.accusers.size(), charge.confessed.size())));
        members.nodes().forEach(this::judge);
    }

    private static void charge(
            Map<NodeId, Charge> charges, NodeId reporter, Word word, Incident.Name name) {
        NodeId accused = name.peer().orElse(reporter);
        Charge charge = charges.computeIfAbsent(accused, _ -> new Charge());
        if (accused.equals(reporter)) {
            charge.confessed.add(name.kind());
        } else {
            charge.accusers.add(word.account);
        }
    }

    /** Gives a node that came the reputation that it has. */
    void judge(Member member) {
        member.reputation = reputations.getOrDefault(member.id(), Reputation.FULL);
    }

    /** This tracker's own of the last day. */
    private List<Incident> recent() {
        return own.newest(OWN_MAX).stream().filter(each -> !isOld(each.last())).toList();
    }

    /** Functions of which something is said, with how they stand. */
    private Map<FunctionName, Integer> standings() {
        Map<FunctionName, Map<AccountId, Set<Incident.Kind>>> said = new TreeMap<>();
        words.values()
                .forEach(word ->
                        word.incidents.keySet().stream()
                                .filter(name -> name.function().isPresent())
                                .filter(name -> !Reputation.isOfNode(name.kind()))
                                .forEach(name ->
                                        said.computeIfAbsent(
                                                        name.function().get(), _ -> new TreeMap<>())
                                                .computeIfAbsent(
                                                        word.account,
                                                        _ -> EnumSet.noneOf(Incident.Kind.class))
                                                .add(name.kind())));
        Map<FunctionName, Integer> standings = new TreeMap<>();
        said.forEach((name, reporters) ->
                standings.put(name, Reputation.ofFunction(reporters.values())));
        return standings;
    }

    /** All of the last day, the newest first, with what follows from them. */
    TrackerReply.Incidents read() {
        List<TrackerReply.Noticed> noticed = new ArrayList<>();
        recent().forEach(each -> noticed.add(new TrackerReply.Noticed(self, each)));
        words.forEach((node, word) ->
                word.incidents
                        .values()
                        .forEach(each ->
                                noticed.add(new TrackerReply.Noticed(node, each.incident))));
        noticed.sort(
                Comparator.comparingLong(
                                (TrackerReply.Noticed each) -> each.incident().lastMillis())
                        .reversed());
        return new TrackerReply.Incidents(
                noticed.stream().limit(TrackerReply.INCIDENTS_MAX).toList(),
                members.nodes().stream()
                        .map(node ->
                                new TrackerReply.NodeScore(
                                        node.id(),
                                        members.owner(node.id()),
                                        node.reputation,
                                        node.isTrusted()))
                        .toList(),
                standings().entrySet().stream()
                        .limit(TrackerReply.INCIDENTS_MAX)
                        .map(each -> new TrackerReply.FunctionScore(each.getKey(), each.getValue()))
                        .toList());
    }
}
