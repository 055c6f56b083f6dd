import Foundation

/// The core's tests as a program that loads the core when it starts.
struct TestBench {
    private let folder: URL
    private let program: URL
    /// Of processor time, so that a busy machine fells no mutant: several times what they need.
    private let secondsAtMost = 40

    /// Links what `swift build --target BFDCoreTests` has built, but for the core itself.
    init(folder: URL) throws {
        self.folder = folder
        program = folder.appending(path: "tests")
        let swift = ProcessInfo.processInfo.environment["SWIFT"] ?? "swift"
        let built = try Shell.require([swift, "build", "--show-bin-path"])
            .trimmingCharacters(in: .whitespacesAndNewlines)
        let result = try compileCore(into: folder, replacing: nil, with: nil)
        guard result.status == 0 else { throw ProofError.build(result.output) }
        let start = folder.appending(path: "Start.swift")
        let text = """
            import Testing
            @main enum Start {
                static func main() async { await Testing.__swiftPMEntryPoint() as Never }
            }
            """
        try text.write(to: start, atomically: true, encoding: .utf8)
        _ = try Shell.require(
            [
                "swiftc", "-parse-as-library", "-use-ld=lld", "-o", program.path, start.path,
                "-L", folder.path, "-lBFDCore", "-lstdc++",
            ] + Self.objects(in: built))
    }

    private static func objects(in built: String) throws -> [String] {
        let others = try FileManager.default.contentsOfDirectory(atPath: built).filter {
            $0.hasSuffix(".build")
                && ["BFDAuthentication", "Crypto", "CCrypto", "CXKCP"].contains(
                    where: $0.hasPrefix)
                && !$0.hasPrefix("CryptoExtras")
        }
        let tests = try FileManager.default.contentsOfDirectory(atPath: "Tests/BFDCoreTests")
            .filter { $0.hasSuffix(".swift") }
            .map { "\(built)/BFDCoreTests.build/\($0).o" }
        return try tests + others.flatMap { try objects(below: "\(built)/\($0)") }
    }

    private static func objects(below folder: String) throws -> [String] {
        guard let names = FileManager.default.enumerator(atPath: folder) else { return [] }
        return names.compactMap { $0 as? String }.filter { $0.hasSuffix(".o") }
            .map { "\(folder)/\($0)" }
    }

    /// Compiles the core as a library, one of its files replaced.
    func compileCore(
        into output: URL, replacing file: String?, with path: String?
    ) throws -> Shell.Result {
        let names = FileManager.default.enumerator(atPath: "Sources/BFDCore")
        let sources = (names?.compactMap { $0 as? String } ?? [])
            .filter { $0.hasSuffix(".swift") && $0 != file }.map { "Sources/BFDCore/\($0)" }
        return try Shell.run(
            [
                "swiftc", "-emit-library", "-wmo", "-Onone", "-enable-testing", "-parse-as-library",
                "-swift-version", "6", "-module-name", "BFDCore", "-use-ld=lld",
                "-Xlinker", "-soname=libBFDCore.so",
                "-enable-upcoming-feature", "InternalImportsByDefault",
                "-enable-upcoming-feature", "MemberImportVisibility",
                "-enable-upcoming-feature", "ExistentialAny",
                "-o", output.appending(path: "libBFDCore.so").path,
            ] + sources + (path.map { [$0] } ?? []))
    }

    /// Which test fails with a core; `nil` when all pass.
    func killer(core: URL?) throws -> String? {
        let library = (core ?? folder).path
        let result = try Shell.run(
            [
                "prlimit", "--cpu=\(secondsAtMost)", program.path,
                "--testing-library", "swift-testing",
            ],
            environment: ["LD_LIBRARY_PATH": library, "SWIFT_BACKTRACE": "enable=no"],
            until: "recorded an issue")
        if result.status == 0 && !result.wasSignalled { return nil }
        let failed = result.output.split(separator: "\n").first {
            $0.hasPrefix("✘ Test \"") || $0.hasPrefix("✘ Test `")
        }
        if let failed { return String(failed.drop { $0 != "\"" && $0 != "`" }.prefix(100)) }
        if result.status == nil || result.wasSignalled && result.status == SIGXCPU {
            return "the time limit: it went on for ever"
        }
        let fatal = result.output.split(separator: "\n").first { $0.contains("Fatal error") }
        return "a trap: \(fatal.map(String.init) ?? "precondition")"
    }
}
