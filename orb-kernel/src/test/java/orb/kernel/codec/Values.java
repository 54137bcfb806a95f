package orb.kernel.codec;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import orb.kernel.Bytes;

/** Grows arbitrary values from a seed, every kind of item among them. */
final class Values {
    private final SplittableRandom chance;

    Values(long seed) {
        chance = new SplittableRandom(seed);
    }

    /** A value nested at most this deep. */
    Value next(int depth) {
        return switch (chance.nextInt(depth > 0 ? 11 : 8)) {
            case 0 -> Value.of(chance.nextLong() >> chance.nextInt(64));
            case 1 -> Value.of(bytes(chance.nextInt(40)));
            case 2 -> Value.of(text());
            case 3 -> new Value.Float(number());
            case 4 -> new Value.Simple(simple());
            case 5 -> huge();
            case 6 -> Value.of(chance.nextBoolean());
            case 7 -> Value.NULL;
            case 8 -> array(depth);
            case 9 -> dict(depth);
            default -> new Value.Tagged(chance.nextLong() >>> 1, next(depth - 1));
        };
    }

    Bytes bytes(int length) {
        byte[] bytes = new byte[length];
        chance.nextBytes(bytes);
        return Bytes.wrap(bytes);
    }

    private String text() {
        StringBuilder text = new StringBuilder();
        for (int i = chance.nextInt(30); i > 0; i--) {
            int code = chance.nextInt(chance.nextBoolean() ? 0x80 : 0x11_0000);
            text.appendCodePoint(code >= 0xd800 && code <= 0xdfff ? 'x' : code);
        }
        return text.toString();
    }

    private double number() {
        return switch (chance.nextInt(4)) {
            case 0 -> Double.longBitsToDouble(chance.nextLong());
            case 1 -> Float.intBitsToFloat(chance.nextInt());
            case 2 -> Float.float16ToFloat((short) chance.nextInt());
            default -> chance.nextInt(1000) / 8.0;
        };
    }

    private int simple() {
        int simple = chance.nextInt(248);
        return simple < 24 ? simple : simple + 8;
    }

    private Value huge() {
        BigInteger beyond = new BigInteger(1, bytes(8).toArray()).setBit(63);
        return new Value.Huge(chance.nextBoolean() ? beyond : beyond.not());
    }

    private Value array(int depth) {
        List<Value> items = new ArrayList<>();
        for (int i = chance.nextInt(6); i > 0; i--) {
            items.add(next(depth - 1));
        }
        return Value.array(items);
    }

    /** A map whose pairs are in canonical order, as a decoder returns it. */
    private Value dict(int depth) {
        TreeMap<Bytes, Value.Pair> pairs = new TreeMap<>();
        for (int i = chance.nextInt(6); i > 0; i--) {
            Value key = next(depth - 1);
            pairs.put(Cbor.encode(key), new Value.Pair(key, next(depth - 1)));
        }
        return new Value.Dict(List.copyOf(pairs.values()));
    }
}
