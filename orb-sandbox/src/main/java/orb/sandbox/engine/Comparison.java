package orb.sandbox.engine;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.Opcode;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A comparison and the branch on it as the JVM has them, in the place of a method that yields 0 or
 * 1 and a branch on that. A large body has thousands; as methods they share what the JVM learns of
 * how they turn out, and cost its first compiler a diamond each.
 *
 * @param call the engine's method, which stays if no branch follows
 * @param compares what leaves a number that stands to zero as the operands stand to each other
 * @param test whether it is true of that number
 * @param isNegated whether it is false that counts as true
 */
record Comparison(InvokeInstruction call, Compares compares, Test test, boolean isNegated) {
    private static final String OWNER = "run/endive/runtime/OpcodeImpl";
    private static final Pattern NAME =
            Pattern.compile("([IF][36][24])_(EQ|NE|LT|GE|GT|LE)(_[SU])?");
    private static final ClassDesc INTEGER = ClassDesc.of("java.lang.Integer");
    private static final ClassDesc LONG = ClassDesc.of("java.lang.Long");

    /** How two operands become one number. */
    enum Compares {
        ZERO,
        INTS,
        UNSIGNED_INTS,
        LONGS,
        UNSIGNED_LONGS,
        /** A NaN counts as below. */
        FLOATS_LOW,
        /** A NaN counts as above. */
        FLOATS_HIGH,
        DOUBLES_LOW,
        DOUBLES_HIGH
    }

    /** What is asked of a number: a branch each on zero, and on two integers. */
    enum Test {
        EQ(Opcode.IFEQ, Opcode.IF_ICMPEQ),
        NE(Opcode.IFNE, Opcode.IF_ICMPNE),
        LT(Opcode.IFLT, Opcode.IF_ICMPLT),
        GE(Opcode.IFGE, Opcode.IF_ICMPGE),
        GT(Opcode.IFGT, Opcode.IF_ICMPGT),
        LE(Opcode.IFLE, Opcode.IF_ICMPLE);

        final Opcode onZero;
        final Opcode onInts;

        Test(Opcode onZero, Opcode onInts) {
            this.onZero = onZero;
            this.onInts = onInts;
        }

        Test opposite() {
            return switch (this) {
                case EQ -> NE;
                case NE -> EQ;
                case LT -> GE;
                case GE -> LT;
                case GT -> LE;
                case LE -> GT;
            };
        }
    }

    /** The comparison that a call of the engine makes, if it is one. */
    static Optional<Comparison> of(InvokeInstruction call) {
        if (!call.owner().asInternalName().equals(OWNER)) {
            return Optional.empty();
        }
        String name = call.name().stringValue();
        if (name.equals("I32_EQZ")) {
            return Optional.of(new Comparison(call, Compares.ZERO, Test.EQ, false));
        }
        Matcher words = NAME.matcher(name);
        if (!words.matches()) {
            return Optional.empty();
        }
        Test test = Test.valueOf(words.group(2));
        boolean isUnsigned = "_U".equals(words.group(3));
        boolean isLow = test == Test.GT || test == Test.GE || test == Test.EQ || test == Test.NE;
        return switch (words.group(1)) {
            case "I32" -> comparison(call, test, Compares.INTS, Compares.UNSIGNED_INTS, isUnsigned);
            case "I64" ->
                    comparison(call, test, Compares.LONGS, Compares.UNSIGNED_LONGS, isUnsigned);
            case "F32" -> comparison(call, test, Compares.FLOATS_HIGH, Compares.FLOATS_LOW, isLow);
            default -> comparison(call, test, Compares.DOUBLES_HIGH, Compares.DOUBLES_LOW, isLow);
        };
    }

    private static Optional<Comparison> comparison(
            InvokeInstruction call, Test test, Compares one, Compares other, boolean isOther) {
        return Optional.of(new Comparison(call, isOther ? other : one, test, false));
    }

    /** The comparison that is true when this is not, for a call that asks whether this is zero. */
    Comparison negated() {
        return new Comparison(call, compares, test, !isNegated);
    }

    /** Branches if the comparison is true, or if it is not. */
    void branch(CodeBuilder code, boolean ifTrue, Label target) {
        Test asked = ifTrue != isNegated ? test : test.opposite();
        switch (compares) {
            case ZERO -> {}
            case INTS -> {
                code.branch(asked.onInts, target);
                return;
            }
            case UNSIGNED_INTS -> code.invokestatic(INTEGER, "compareUnsigned", unsigned(false));
            case LONGS -> code.lcmp();
            case UNSIGNED_LONGS -> code.invokestatic(LONG, "compareUnsigned", unsigned(true));
            case FLOATS_LOW -> code.fcmpl();
            case FLOATS_HIGH -> code.fcmpg();
            case DOUBLES_LOW -> code.dcmpl();
            case DOUBLES_HIGH -> code.dcmpg();
        }
        code.branch(asked.onZero, target);
    }

    private static MethodTypeDesc unsigned(boolean isLong) {
        ClassDesc operand = isLong ? ConstantDescs.CD_long : ConstantDescs.CD_int;
        return MethodTypeDesc.of(ConstantDescs.CD_int, operand, operand);
    }

    /** Leaves 0 or 1, as the engine's method does. */
    void value(CodeBuilder code) {
        code.with(call);
        if (isNegated) {
            code.iconst_1().ixor();
        }
    }
}
