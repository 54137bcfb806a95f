package orb.kernel.message;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.Stream;
import orb.kernel.Bytes;
import orb.kernel.ErrorCode;
import orb.kernel.Result;
import orb.kernel.codec.Cbor;
import orb.kernel.codec.DecodeLimits;
import orb.kernel.codec.Value;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class MessageTest {
    static Stream<Message> messages() {
        return Samples.all().stream();
    }

    @ParameterizedTest
    @MethodSource("messages")
    void everyMessageComesBackFromItsBytes(Message message) {
        assertThat(Message.decode(message.encoded())).isEqualTo(Result.ok(message));
    }

    @Test
    void theSamplesHoldEveryKindOfMessage() {
        TreeSet<String> kinds = new TreeSet<>();
        kinds(Message.class, kinds);
        TreeSet<String> sampled = new TreeSet<>();
        Samples.all().forEach(message -> sampled.add(message.getClass().getName()));

        assertThat(sampled).isEqualTo(kinds);
    }

    @ParameterizedTest
    @MethodSource("messages")
    void everyTruncationIsRefused(Message message) {
        Bytes bytes = message.encoded();
        for (int length = 0; length < bytes.length(); length++) {
            assertThat(accepts(bytes.slice(0, length))).isFalse();
        }
    }

    @ParameterizedTest
    @MethodSource("messages")
    void aFieldTooManyOrTooFewIsRefused(Message message) {
        List<Value> fields = fields(message);
        List<Value> more = new ArrayList<>(fields);
        more.add(Value.of(0));

        assertThat(accepts(Cbor.encode(Value.array(more)))).isFalse();
        assertThat(accepts(Cbor.encode(Value.array(fields.subList(0, fields.size() - 1)))))
                .isFalse();
    }

    @ParameterizedTest
    @MethodSource("messages")
    void aFieldOfAnotherTypeIsRefusedOrAnotherMessage(Message message) {
        List<Value> wrong =
                List.of(
                        Value.of(-1),
                        Value.of(Long.MAX_VALUE),
                        Value.of("x".repeat(5000)),
                        Value.of(Bytes.EMPTY),
                        Value.NULL,
                        new Value.Float(1.5),
                        Value.array());
        List<Value> fields = fields(message);
        for (int i = 0; i < fields.size(); i++) {
            for (Value value : wrong) {
                List<Value> changed = new ArrayList<>(fields);
                changed.set(i, value);
                accepts(Cbor.encode(Value.array(changed)));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 2, 9, 17, 29, 36, 49, 69, 99, 101, Integer.MAX_VALUE})
    void aKindThatDoesNotExistIsRefused(int kind) {
        assertThat(accepts(Cbor.encode(Value.array(Value.of(kind))))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void aMutatedMessageIsRefusedOrIsTheOneEncodingOfAnother(long seed) {
        SplittableRandom chance = new SplittableRandom(seed);
        List<Message> messages = Samples.all();
        int accepted = 0;
        for (int i = 0; i < 5_000; i++) {
            byte[] bytes = messages.get(chance.nextInt(messages.size())).encoded().toArray();
            for (int changes = 1 + chance.nextInt(2); changes > 0; changes--) {
                bytes[chance.nextInt(bytes.length)] = (byte) chance.nextInt(256);
            }
            accepted += accepts(Bytes.wrap(bytes)) ? 1 : 0;
        }
        assertThat(accepted).as("mutations that still decode").isPositive();
    }

    /** Whether the bytes are a message; fails if they are and are not its one encoding. */
    static boolean accepts(Bytes bytes) {
        return switch (Message.decode(bytes)) {
            case Result.Ok<Message>(var message) -> {
                assertThat(message.encoded()).isEqualTo(bytes);
                yield true;
            }
            case Result.Refused<Message>(var refusal) -> {
                assertThat(refusal.code()).isEqualTo(ErrorCode.MALFORMED_BYTES);
                yield false;
            }
        };
    }

    private static List<Value> fields(Message message) {
        Value value = Cbor.decodeOrThrow(message.encoded(), DecodeLimits.MESSAGE);
        return value instanceof Value.Array(var fields) ? fields : List.of();
    }

    private static void kinds(Class<?> type, Set<String> into) {
        if (type.isRecord()) {
            into.add(type.getName());
        } else {
            for (Class<?> kind : type.getPermittedSubclasses()) {
                kinds(kind, into);
            }
        }
    }
}
