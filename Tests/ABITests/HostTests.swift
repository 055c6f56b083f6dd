import Foundation
import TestSupport
import Testing

extension ABITests {
    /// What a host may do to the library, which lives in its process.
    @Suite(.enabled(if: LabRequirements.areTestsEnabled, "\(LabRequirements.reason)"))
    struct InAHost {
        /// Runs a program in a namespace, without valgrind: it counts, limits or races by itself.
        private static func run(_ program: String, _ arguments: [String] = []) async throws {
            try await withLab { lab in
                let result = try Command.result(
                    BuiltLibrary.loading + [program] + arguments, in: lab.namespace("here"))
                #expect(result.status == 0, "\(result.output)\(result.errors)")
                let name = URL(filePath: program).lastPathComponent
                #expect(result.output.hasSuffix("\(name): all is well\n"))
            }
        }

        private static func compile(_ name: String, _ flags: String...) throws -> String {
            try BuiltLibrary.compile("\(BuiltLibrary.programs)/\(name).c", flags)
        }

        /// `make sanitize` has ten thousand of them.
        @Test func `handles and sessions come and go, and no octet stays`() async throws {
            try await Self.run(Self.compile("cycles"), ["3000"])
        }

        @Test func `LeakSanitizer finds what is forgotten, and nothing where nothing is`()
            async throws
        {
            let program = try Self.compile("cycles", "-fsanitize=leak")
            try await Self.run(program, ["200"])
            try await withLab { lab in
                let result = try Command.result(
                    BuiltLibrary.loading + [program, "1", "forget"], in: lab.namespace("here"))
                #expect(result.status != 0 && result.errors.contains("detected memory leaks"))
            }
        }

        @Test func `without memory, descriptors or an exec there is an answer`() async throws {
            try await Self.run(Self.compile("scarcity"))
        }

        @Test func `threads of a host use handles at once`() async throws {
            try await Self.run(Self.compile("threads", "-pthread"), ["100"])
        }
    }
}
