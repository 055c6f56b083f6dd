import Foundation
import TestSupport
import Testing

/// The C library, as a C program sees it.
@Suite(.serialized) struct ABITests {
    @Test func `nothing is visible but what the header has`() throws {
        let library = "\(try BuiltLibrary.folder.get())/libgatewatch.so.0"
        let text = try Command.run(["nm", "--dynamic", "--defined-only", library])
        var names = Set(text.split(separator: "\n").compactMap { $0.split(separator: " ").last })
        #expect(names.remove("GATEWATCH_0") != nil)
        #expect(names.allSatisfy { $0.hasSuffix("@@GATEWATCH_0") }, "\(names)")
        let header = try String(
            contentsOfFile: "\(BuiltLibrary.header)/gatewatch.h", encoding: .utf8)
        let promised = header.matches(of: /\n[a-z][a-z0-9_ *]*[ *](gatewatch_[a-z_]+)\(/)
            .map(\.output.1)
        #expect(promised.count > 25)
        #expect(Set(names.compactMap { $0.split(separator: "@").first }) == Set(promised))
    }

    @Test func `the library has its name, and needs nothing of Swift's`() throws {
        let library = "\(try BuiltLibrary.folder.get())/libgatewatch.so"
        let text = try Command.run(["readelf", "--dynamic", "--wide", library])
        #expect(text.contains("Library soname: [libgatewatch.so.0]"))
        let needed = text.matches(of: /\(NEEDED\).*\[(.*)\]/).map { String($0.output.1) }
        #expect(needed.contains { $0.hasPrefix("libc.so") })
        #expect(needed.filter { $0.contains("swift") || $0.contains("Foundation") } == [])
    }

    @Test(arguments: ["c11", "c17", "c++11", "c++17"])
    func `the header compiles without a warning`(_ standard: String) throws {
        let isC = !standard.contains("+")
        try Command.run(
            [isC ? "cc" : "c++", "-x", isC ? "c" : "c++", "-std=\(standard)", "-fsyntax-only"]
                + BuiltLibrary.warnings + ["\(BuiltLibrary.header)/gatewatch.h"])
    }

    @Test func `a C program keeps sessions with its own packets and its own clock`() throws {
        let result = try BuiltLibrary.run(BuiltLibrary.compile("pure"))
        #expect(result.status == 0, "\(result.output)\(result.errors)")
        #expect(result.output == "pure: all is well\n")
    }

    @Test(.enabled(if: LabRequirements.areTestsEnabled, "\(LabRequirements.reason)"))
    func `a managed and a driven end keep a session between two namespaces`() async throws {
        let program = try BuiltLibrary.compile("pair")
        try await withLab { lab in
            let (here, there) = (try lab.namespace("here"), try lab.namespace("there"))
            try lab.link(
                LinkEnd(here, "cable", "10.9.0.1/24"), LinkEnd(there, "cable", "10.9.0.2/24"))
            let result = try BuiltLibrary.run(
                program, [there.path, "10.9.0.1", "10.9.0.2", "cable"], in: here)
            #expect(result.status == 0, "\(result.output)\(result.errors)")
            #expect(result.output.hasSuffix("pair: all is well\n"))
        }
    }
}
