/** What client verbs need: folders, the API's client, output. */
@org.jspecify.annotations.NullMarked
package orb.cli.client;
