package orb.kernel;

import java.util.function.Function;
import java.util.function.Supplier;

/**
 * A value, or the refusal that came instead; the caller has to look.
 *
 * @param <T> what is returned when nothing was refused
 */
public sealed interface Result<T> {
    /** The value that was asked for. */
    record Ok<T>(T value) implements Result<T> {}

    /** Why there is none. */
    record Refused<T>(Refusal refusal) implements Result<T> {}

    static <T> Result<T> ok(T value) {
        return new Ok<>(value);
    }

    static <T> Result<T> refused(Refusal refusal) {
        return new Refused<>(refusal);
    }

    static <T> Result<T> refused(ErrorCode code, String what) {
        return new Refused<>(new Refusal(code, what));
    }

    /** Runs code that refuses by {@link RefusedException} and returns its refusal as a value. */
    static <T> Result<T> catching(Supplier<T> code) {
        try {
            return new Ok<>(code.get());
        } catch (RefusedException e) {
            return new Refused<>(e.refusal());
        }
    }

    default <R> Result<R> map(Function<? super T, ? extends R> change) {
        return switch (this) {
            case Ok<T>(var value) -> new Ok<>(change.apply(value));
            case Refused<T>(var refusal) -> new Refused<>(refusal);
        };
    }

    default <R> Result<R> then(Function<? super T, Result<R>> next) {
        return switch (this) {
            case Ok<T>(var value) -> next.apply(value);
            case Refused<T>(var refusal) -> new Refused<>(refusal);
        };
    }

    /** The value; throws {@link RefusedException} if it was refused. */
    default T orThrow() {
        return switch (this) {
            case Ok<T>(var value) -> value;
            case Refused<T>(var refusal) -> throw new RefusedException(refusal);
        };
    }

    default boolean isOk() {
        return this instanceof Ok<T>;
    }
}
