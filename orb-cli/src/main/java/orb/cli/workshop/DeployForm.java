package orb.cli.workshop;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import orb.cli.client.Form;
import orb.kernel.Header;
import orb.kernel.Request;
import orb.kernel.message.Grants;
import orb.kernel.message.Origin;

/** What a node is told of a function that is to be quoted or deployed. */
public final class DeployForm {
    private DeployForm() {}

    /** The fields that both share; the source is not among them, only its digest. */
    public static Form of(Workshop.Product product) {
        Request sample = product.sample();
        ObjectNode headers = JsonNodeFactory.instance.objectNode();
        for (Header header : sample.headers()) {
            headers.put(header.name(), header.value());
        }
        Form form = new Form();
        form.file("artefact", product.artefact().array());
        form.text("source", product.source().hex());
        form.text("memory", "" + product.manifest().limits().memory().bytes());
        form.text("fuel", "" + product.manifest().limits().fuel().units());
        form.text("wallMillis", "" + product.manifest().limits().wall().toMillis());
        Grants grants = product.manifest().grants();
        form.text("kv", "" + grants.kv().bytes());
        form.text("http", String.join(" ", grants.http().stream().map(Origin::toString).toList()));
        form.text("secrets", String.join(" ", grants.secrets()));
        form.text("idempotent", "" + grants.idempotent());
        form.file("sample", sample.body().array());
        form.text("sampleMethod", sample.method());
        form.text("samplePath", sample.path());
        form.text("sampleQuery", sample.query());
        form.text("sampleHeaders", headers.toString());
        return form;
    }
}
