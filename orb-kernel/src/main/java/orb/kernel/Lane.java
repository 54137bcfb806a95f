package orb.kernel;

/**
 * Where the calls of one function at one host are counted and paid: the unit of a receipt chain and
 * of cumulative vouchers.
 *
 * @param channel digest of the entry that opened the payer's channel
 * @param host who runs the calls
 * @param function what is called
 */
public record Lane(Digest channel, NodeId host, FunctionId function) implements Comparable<Lane> {
    @Override
    public int compareTo(Lane other) {
        int byChannel = channel.compareTo(other.channel);
        int byHost = byChannel != 0 ? byChannel : host.compareTo(other.host);
        return byHost != 0 ? byHost : function.compareTo(other.function);
    }

    @Override
    public String toString() {
        return channel.hex().substring(0, 8) + "/" + host.brief() + "/" + function.brief();
    }
}
