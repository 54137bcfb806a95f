package orb.host.build;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import orb.kernel.ErrorCode;
import orb.kernel.Refusal;

/**
 * Knows the compilers that build lines call: which Debian package brings which program, and by
 * which words in its output a compiler says that a part of it is not installed. Thread-safe.
 */
final class Toolchain {
    private static final Pattern NOT_FOUND =
            Pattern.compile(
                    "(?m)^(?:/bin/)?sh: (?:[0-9]+: |line [0-9]+: )?(\\S+): (?:command )?not"
                            + " found$");

    private static final String RUST =
            "apt install rustc libstd-rust-dev-wasm32, or with rustup:"
                    + " rustup target add wasm32-unknown-unknown";
    private static final String CPP = "apt install libc++-14-dev-wasm32 libc++abi-14-dev-wasm32";

    /** Programs and how to get them on Debian. */
    private static final List<Tool> TOOLS =
            List.of(
                    new Tool("clang", "apt install clang lld"),
                    new Tool(
                            "clang++",
                            "apt install clang lld libc++-14-dev-wasm32 libc++abi-14-dev-wasm32"),
                    new Tool("wasm-ld", "apt install lld"),
                    new Tool("cargo", "apt install cargo libstd-rust-dev-wasm32"),
                    new Tool("rustc", RUST),
                    new Tool("go", "install Go 1.21 or newer; Debian 12 has an older one"),
                    new Tool("make", "apt install make"),
                    new Tool("cmake", "apt install cmake"),
                    new Tool("node", "apt install nodejs"),
                    new Tool("npm", "apt install npm"),
                    new Tool("npx", "apt install npm"),
                    new Tool("asc", "npm install --global assemblyscript"),
                    new Tool("node_modules/.bin/asc", "run npm install in the function's folder"),
                    new Tool("wasm-opt", "apt install binaryen"),
                    new Tool("wat2wasm", "apt install wabt"));

    /** What compilers say when a part is missing. */
    private static final List<Sign> SIGNS =
            List.of(
                    new Sign("wasm-ld\" doesn't exist", "wasm-ld", "apt install lld"),
                    new Sign(
                            "unable to execute command: Executable \"wasm-ld",
                            "wasm-ld",
                            "apt install lld"),
                    new Sign(
                            "libclang_rt.builtins-wasm32.a: No such file",
                            "clang's runtime for WebAssembly",
                            "apt install libclang-rt-14-dev-wasm32"),
                    new Sign(
                            "cannot open crt1-command.o",
                            "the C library for WebAssembly",
                            "apt install wasi-libc"),
                    new Sign(
                            "cannot open crt1.o",
                            "the C library for WebAssembly",
                            "apt install wasi-libc"),
                    new Sign("unable to find library -lc++", "C++'s library for WebAssembly", CPP),
                    new Sign("can't find crate for `std`", "Rust's library for WebAssembly", RUST));

    private static final Pattern STANDARD_HEADER =
            Pattern.compile(
                    "fatal error: '(stdio|stdlib|string|math|stdint|unistd|errno|ctype|time)\\.h' "
                            + "file not found");

    private static final Pattern CPP_HEADER =
            Pattern.compile("fatal error: '[a-z_]+' file not found");

    private Toolchain() {}

    private record Tool(String program, String install) {}

    private record Sign(String said, String missing, String install) {}

    /** TOOL_MISSING if the line's first word is a program that the search path does not have. */
    static Optional<Refusal> missingProgram(String line, String searchPath) {
        String program = firstWord(line);
        if (!program.matches("[A-Za-z0-9_.+-]+") || isShellsOwn(program)) {
            return Optional.empty();
        }
        for (String folder : searchPath.split(":", -1)) {
            if (!folder.isEmpty() && Files.isExecutable(Path.of(folder, program))) {
                return Optional.empty();
            }
        }
        return Optional.of(missing(program, install(program)));
    }

    /** TOOL_MISSING if the output of a failed build says that something is not installed. */
    static Optional<Refusal> missingPart(String output) {
        for (Sign sign : SIGNS) {
            if (output.contains(sign.said())) {
                return Optional.of(missing(sign.missing(), sign.install()));
            }
        }
        if (STANDARD_HEADER.matcher(output).find()) {
            return Optional.of(missing("the C library for WebAssembly", "apt install wasi-libc"));
        }
        if (CPP_HEADER.matcher(output).find()) {
            return Optional.of(missing("C++'s library for WebAssembly", CPP));
        }
        Matcher unknown = NOT_FOUND.matcher(output);
        return unknown.find()
                ? Optional.of(missing(unknown.group(1), install(unknown.group(1))))
                : Optional.empty();
    }

    private static Refusal missing(String what, String install) {
        return new Refusal(ErrorCode.TOOL_MISSING, what + " is not installed", install);
    }

    private static String install(String program) {
        return TOOLS.stream()
                .filter(tool -> tool.program().equals(program))
                .map(Tool::install)
                .findFirst()
                .orElse("install " + program + " and see that it is on the PATH");
    }

    private static String firstWord(String line) {
        for (String word : line.strip().split("\\s+", -1)) {
            if (!word.matches("[A-Za-z_][A-Za-z0-9_]*=\\S*")) { // a variable for the program
                return word;
            }
        }
        return "";
    }

    private static boolean isShellsOwn(String word) {
        return List.of(
                        "cd", "set", "if", "for", "while", "test", "echo", "export", "exec", ".",
                        "true", "false", "exit", "case", "command", "eval", "ulimit", "umask",
                        "printf", "type")
                .contains(word);
    }
}
