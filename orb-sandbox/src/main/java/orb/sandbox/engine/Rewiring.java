package orb.sandbox.engine;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.Opcode;
import java.lang.classfile.TypeKind;
import java.lang.classfile.instruction.BranchInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.LoadInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import run.endive.runtime.Instance;
import run.endive.runtime.Memory;

/**
 * Has compiled code reach memory and globals by {@link Accessors}.
 *
 * <p>The engine's compiler gives each module a class of small methods for that, which go by way of
 * interfaces and lists. Calls of those become calls of accessors. Every function has its memory and
 * its instance as its last two parameters; accessors of globals take the memory.
 *
 * <p>The compiler's calls that look whether the thread was interrupted, at each call and each turn
 * of a loop, are left out: they keep the JVM from carrying anything over from one turn to the next.
 * The meter looks once in each slice of fuel instead, see {@link LinearMemory#grow}.
 */
public final class Rewiring {
    private static final String HELPERS = "CompiledMachineShaded";
    private static final String LOOKING = "checkInterruption";
    private static final ClassDesc ACCESSORS = described(Accessors.class);
    private static final ClassDesc MEMORY = described(Memory.class);
    private static final ClassDesc INSTANCE = described(Instance.class);

    /** The type of each accessor by its name, of which there is one each. */
    private static final Map<String, MethodTypeDesc> TYPES =
            Arrays.stream(Accessors.class.getDeclaredMethods())
                    .filter(method -> Modifier.isPublic(method.getModifiers()))
                    .collect(
                            Collectors.toMap(
                                    Method::getName,
                                    Rewiring::type,
                                    (one, other) -> one,
                                    TreeMap::new));

    private Rewiring() {}

    private static ClassDesc described(Class<?> type) {
        return type.describeConstable().orElseThrow();
    }

    private static MethodTypeDesc type(Method method) {
        return MethodType.methodType(method.getReturnType(), method.getParameterTypes())
                .describeConstable()
                .orElseThrow();
    }

    /** Changes whenever this does something else than before. */
    public static byte[] version() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (Class<?> each :
                List.of(Rewiring.class, Calls.class, Comparison.class, Accessors.class)) {
            String name = each.getName().substring(each.getPackageName().length() + 1) + ".class";
            try (InputStream in = each.getResourceAsStream(name)) {
                Objects.requireNonNull(in, name).transferTo(out);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return out.toByteArray();
    }

    /**
     * The same classes, rewired. The same bytes give the same bytes.
     *
     * @param jar what the engine's compiler made of one module
     */
    public static byte[] rewired(byte[] jar) {
        return Jars.changed(
                jar, (name, content) -> name.contains("FuncGroup") ? functions(content) : content);
    }

    private static byte[] functions(byte[] bytes) {
        ClassHierarchyResolver known =
                ClassHierarchyResolver.ofResourceParsing(Rewiring.class.getClassLoader());
        ClassFile file = ClassFile.of(ClassFile.ClassHierarchyResolverOption.of(known));
        return file.transformClass(
                file.parse(bytes),
                ClassTransform.transformingMethodBodies(CodeTransform.ofStateful(Calls::new)));
    }

    /**
     * Goes over the code of one method, some instructions behind: a load of a reference, because a
     * call of a global's helper may follow, or a comparison, because a branch may.
     */
    private static final class Calls implements CodeTransform {
        private Optional<LoadInstruction> load = Optional.empty();
        private Optional<Comparison> comparison = Optional.empty();

        @Override
        public void accept(CodeBuilder code, CodeElement element) {
            boolean isDone =
                    switch (element) {
                        case InvokeInstruction call when call.opcode() == Opcode.INVOKESTATIC ->
                                call(code, call);
                        case BranchInstruction branch -> branch(code, branch);
                        default -> false;
                    };
            if (isDone) {
                return;
            }
            atEnd(code);
            if (element instanceof LoadInstruction next && next.typeKind() == TypeKind.REFERENCE) {
                load = Optional.of(next);
            } else {
                code.with(element);
            }
        }

        private boolean call(CodeBuilder code, InvokeInstruction call) {
            if (call.owner().asInternalName().endsWith(HELPERS)) {
                return helped(code, call.name().stringValue(), call.typeSymbol());
            }
            Optional<Comparison> next = Comparison.of(call);
            boolean asksForZero =
                    next.isPresent() && next.get().compares() == Comparison.Compares.ZERO;
            if (asksForZero && comparison.isPresent()) {
                comparison = comparison.map(Comparison::negated);
                return true;
            }
            if (next.isPresent()) {
                atEnd(code);
                comparison = next;
            }
            return next.isPresent();
        }

        private boolean branch(CodeBuilder code, BranchInstruction branch) {
            boolean ifTrue = branch.opcode() == Opcode.IFNE;
            if (comparison.isEmpty() || !(ifTrue || branch.opcode() == Opcode.IFEQ)) {
                return false;
            }
            comparison.get().branch(code, ifTrue, branch.target());
            comparison = Optional.empty();
            return true;
        }

        /** Whether there is something better than this call of a helper. */
        private boolean helped(CodeBuilder code, String name, MethodTypeDesc type) {
            if (name.equals(LOOKING)) {
                return true;
            }
            MethodTypeDesc own = TYPES.get(name);
            if (own == null) {
                return false;
            }
            if (own.equals(type)) {
                atEnd(code);
            } else {
                int last = type.parameterCount() - 1;
                MethodTypeDesc byMemory = type.changeParameterType(last, MEMORY);
                if (!type.parameterType(last).equals(INSTANCE)
                        || !own.equals(byMemory)
                        || load.isEmpty()) {
                    throw new IllegalStateException("the compiler calls " + name + type);
                }
                code.aload(load.get().slot() - 1);
                load = Optional.empty();
            }
            code.invokestatic(ACCESSORS, name, own);
            return true;
        }

        @Override
        public void atEnd(CodeBuilder code) {
            load.ifPresent(code::with);
            load = Optional.empty();
            comparison.ifPresent(held -> held.value(code));
            comparison = Optional.empty();
        }
    }
}
