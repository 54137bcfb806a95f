package orb.sim.growth;

/** What one peer has sent: messages and their bytes, over links and in the hash table. */
final class Traffic {
    private long linkMessages;
    private long linkBytes;
    private long tableMessages;
    private long tableBytes;

    /** Counts at one moment. */
    record Sent(long linkMessages, long linkBytes, long tableMessages, long tableBytes) {
        Sent since(Sent before) {
            return new Sent(
                    linkMessages - before.linkMessages,
                    linkBytes - before.linkBytes,
                    tableMessages - before.tableMessages,
                    tableBytes - before.tableBytes);
        }

        long messages() {
            return linkMessages + tableMessages;
        }

        long bytes() {
            return linkBytes + tableBytes;
        }
    }

    void overLink(int bytes) {
        linkMessages++;
        linkBytes += bytes;
    }

    void inTable(int bytes) {
        tableMessages++;
        tableBytes += bytes;
    }

    Sent sent() {
        return new Sent(linkMessages, linkBytes, tableMessages, tableBytes);
    }
}
