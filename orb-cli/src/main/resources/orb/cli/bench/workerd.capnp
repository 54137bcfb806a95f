# A worker that answers hello, for `orb bench sandbox`; PORT is put in.
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .hello)],
  sockets = [(name = "http", address = "127.0.0.1:PORT", http = (), service = "main")]
);
const hello :Workerd.Worker = (
  modules = [(name = "hello", esModule =
    "export default { fetch() { return new Response('Hello, world\\n'); } };")],
  compatibilityDate = "2025-01-01",
);
