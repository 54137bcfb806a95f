package orb.cli.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import orb.cli.dht.HashTable;
import orb.host.web.Exchange;
import orb.host.web.Route;
import orb.kernel.ErrorCode;
import orb.kernel.FunctionName;
import orb.kernel.NodeId;
import orb.kernel.Refusal;
import orb.kernel.Result;
import orb.overlay.PeerRecord;
import orb.overlay.SignedRecord;
import orb.overlay.dht.Item;
import orb.overlay.dht.Key;
import orb.overlay.dht.Search;
import orb.overlay.dht.SeedRecord;

/** What lies in the hash table, and the way on which it was found. */
public final class DhtApi {
    private final Optional<HashTable> table;

    /** Without a table every route says so. */
    public DhtApi(Optional<HashTable> table) {
        this.table = table;
    }

    public List<Route> routes() {
        return List.of(
                Route.get(
                        "/v1/dht/nodes/{id}",
                        x -> {
                            String id = x.part("id");
                            answer(x, Key.NODE + id, Key.of(NodeId.parse(id)));
                        }),
                Route.get(
                        "/v1/dht/functions/{owner}/{name}",
                        x -> {
                            FunctionName name = new FunctionName(x.part("owner"), x.part("name"));
                            answer(x, Key.FUNCTION + name, Key.of(name));
                        }));
    }

    private void answer(Exchange exchange, String text, Key key) {
        if (table.isEmpty()) {
            exchange.refuse(
                    new Refusal(
                            ErrorCode.DISCOVERY_OFF,
                            "this peer has no part in the hash table: it was started with"
                                    + " --no-discovery",
                            "ask another peer"));
            return;
        }
        switch (table.get().seek(key).join()) {
            case Result.Refused<Search>(var refusal) -> exchange.refuse(refusal);
            case Result.Ok<Search>(var search) when search.items().isEmpty() ->
                    exchange.refuse(nothing(text, search));
            case Result.Ok<Search>(var search) -> exchange.json(200, view(text, search));
        }
    }

    private static Refusal nothing(String text, Search search) {
        return new Refusal(
                ErrorCode.NO_RECORD,
                "none of "
                        + search.path().size()
                        + " peers has a record at "
                        + text
                        + (search.path().isEmpty()
                                ? ""
                                : ": " + String.join("; ", HashTable.lines(search))),
                "a peer publishes within seconds of meeting the first other: try again");
    }

    private static ObjectNode view(String text, Search search) {
        ObjectNode view = Views.object();
        view.put("key", text);
        view.put("point", search.key().toString());
        search.hops().ifPresent(hops -> view.put("hops", hops));
        view.set("records", Views.list(search.items(), DhtApi::record));
        view.set("path", Views.list(search.path(), DhtApi::hop));
        return view;
    }

    private static JsonNode hop(Search.Hop hop) {
        return Views.object()
                .put("peer", hop.peer().toString())
                .put("hops", hop.hops())
                .put("sharedBits", hop.sharedBits())
                .put("answer", hop.answer().label())
                .put("count", hop.count());
    }

    private static JsonNode record(Item item) {
        ObjectNode view =
                switch (item) {
                    case Item.OfPeer(SignedRecord signed) -> peer(signed.record());
                    case Item.OfSeeder(SeedRecord seed, _) -> seeder(seed);
                };
        view.put("sequence", item.sequence());
        view.put("expires", item.expires().toString());
        view.put("bytes", item.bytes().length());
        view.put("signature", "verified");
        return view;
    }

    private static ObjectNode peer(PeerRecord record) {
        ObjectNode view = Views.object();
        view.put("id", record.id().toString());
        view.put("role", record.role().label());
        view.set("addresses", Views.texts(record.addresses()));
        capabilities(view, record);
        return view;
    }

    /** What a peer says that its machine has, and how busy it is. */
    static void capabilities(ObjectNode view, PeerRecord record) {
        view.put("cpus", record.capabilities().cpus());
        view.put("memoryBytes", record.capabilities().memory().bytes());
        view.set("features", Views.texts(record.capabilities().features()));
        view.put("assurance", record.assurance().label());
        Views.credits(view, "priceFloor", record.priceFloor());
        view.put("loadPermille", record.load());
    }

    private static ObjectNode seeder(SeedRecord seed) {
        ObjectNode view = Views.object();
        view.put("id", seed.host().toString());
        view.put("function", seed.name().toString());
        view.put("functionId", seed.function().toString());
        view.put("artefact", seed.artefact().hex());
        view.put("version", seed.version());
        view.set("addresses", Views.texts(seed.addresses()));
        return view;
    }
}
