import Foundation
import TestSupport
import Testing

/// The interface against the one that programs have been compiled with.
///
/// `UPDATE_FIXTURES=1 swift test --filter BaselineTests` rewrites the baseline, to be reviewed as a
/// diff: functions, structures' ends and numbers may be added, and nothing else may change.
@Suite(.serialized) struct BaselineTests {
    private static let isUpdating = ProcessInfo.processInfo.environment["UPDATE_FIXTURES"] == "1"
    private static let baseline = BuiltLibrary.path("fixtures/abi/libgatewatch.so.0.abi")
    private static let numbers = BuiltLibrary.path("fixtures/abi/numbers.txt")

    @Test func `functions and structures are those of the baseline`() throws {
        let library = try Self.shadow()
        let hidden = [
            "--no-corpus-path", "--no-comp-dir-path", "--no-show-locs", "--no-elf-needed",
        ]
        if Self.isUpdating {
            try Command.run(["abidw", "--out-file", Self.baseline] + hidden + [library])
        }
        let result = try Command.result(["abidiff", Self.baseline, library])
        #expect(result.status == 0, "\(result.output)\(result.errors)")
    }

    @Test func `the baseline knows a structure that has changed from one that has not`() throws {
        let library = try Self.shadow { $0.replacing("uint64_t downs;", with: "uint32_t downs;") }
        let result = try Command.result(["abidiff", Self.baseline, library])
        #expect(result.status & 4 != 0 && result.output.contains("gatewatch_session_status"))
    }

    @Test func `numbers are those of the baseline`() throws {
        let found = try BuiltLibrary.interface()
            .matches(of: /\b(GATEWATCH_[A-Z0-9_]+) = (-?[0-9]+)/)
            .map { "\($0.output.1) = \($0.output.2)" }
        let text = found.map { $0 + "\n" }.joined()
        if Self.isUpdating {
            try text.write(toFile: Self.numbers, atomically: true, encoding: .utf8)
        }
        #expect(found.count > 60)
        #expect(try text == String(contentsOfFile: Self.numbers, encoding: .utf8))
    }

    /// A library in C with the same interface: abidiff cannot read what Swift's compiler leaves.
    ///
    /// That the one in Swift has these functions is held by its compiler, which reads the header.
    private static func shadow(_ change: (String) -> String = { $0 }) throws -> String {
        let folder = "\(try BuiltLibrary.folder.get())/shadow"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        var plain = ""
        for name in BuiltLibrary.headers {
            let header = try change(
                String(contentsOfFile: "\(BuiltLibrary.header)/\(name)", encoding: .utf8))
            try header.write(toFile: "\(folder)/\(name)", atomically: true, encoding: .utf8)
            plain += header
        }
        plain = plain.replacing(/\/\*(?:[^*]|\*[^\/])*\*\//, with: "")
        let functions = plain.matches(of: /\n([a-z][a-z0-9_ ]*[ *])(gatewatch_\w+)\(([^)]*)\);/)
        try #require(functions.count > 30)
        let bodies = functions.map { match in
            let (_, result, name, arguments) = match.output
            return "\(result)\(name)(\(arguments)) {\(result == "void " ? "" : " return 0; ")}\n"
        }
        let includes = BuiltLibrary.headers.map { "#include \"\($0)\"\n" }
        try (includes + bodies).joined()
            .write(toFile: "\(folder)/shadow.c", atomically: true, encoding: .utf8)
        // Swift's own: what others call a type is another matter.
        try Command.run([
            "clang", "-g", "-shared", "-fPIC", "-fuse-ld=lld", "-o", "\(folder)/shadow.so",
            "\(folder)/shadow.c", "-ffile-prefix-map=\(folder)=.", "-Wl,-soname=libgatewatch.so.0",
            "-Wl,--version-script=\(BuiltLibrary.path("deploy/library/gatewatch.map"))",
        ])
        return "\(folder)/shadow.so"
    }
}
