import Foundation
import Testing

/// What only the compiler and the linker can tell.
@Suite("Compilation", .serialized)
struct CompilationTests {
    @Test func `BFDCore compiles in Embedded mode`() throws {
        let sources = Tree.swiftFiles.filter { $0.isSource && $0.target == "BFDCore" }
        #expect(!sources.isEmpty)
        let paths = sources.map { Tree.root.appending(path: $0.path).path }
        let result = try compileEmbedded(paths, module: "BFDCore")
        #expect(result.status == 0, "\(result.output)")
    }

    @Test func `an existential does not compile in Embedded mode`() throws {
        let text = """
            public func text(of value: any CustomStringConvertible) -> String { value.description }
            """
        try withTemporaryFolder { folder in
            let file = folder.appending(path: "sample.swift")
            try text.write(to: file, atomically: true, encoding: .utf8)
            let result = try compileEmbedded([file.path], module: "Sample")
            #expect(result.status != 0)
            #expect(result.output.contains("embedded Swift"))
        }
    }

    private func compileEmbedded(
        _ sources: [String], module: String
    ) throws -> (status: Int32, output: String) {
        try withTemporaryFolder { folder in
            try run(
                "swiftc", "-enable-experimental-feature", "Embedded", "-wmo",
                "-parse-as-library", "-swift-version", "6", "-strict-memory-safety",
                "-enable-upcoming-feature", "InternalImportsByDefault",
                "-enable-upcoming-feature", "MemberImportVisibility",
                "-module-name", module, "-o", folder.appending(path: "core.o").path,
                "-c", sources: sources)
        }
    }
}

/// Runs a tool of the path and returns its exit status with all that it printed.
func run(
    _ arguments: String..., sources: [String] = []
) throws -> (status: Int32, output: String) {
    try withTemporaryFolder { folder in
        let file = folder.appending(path: "output.txt")
        try Data().write(to: file)
        let output = try FileHandle(forWritingTo: file)
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = arguments + sources
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        try process.run()
        process.waitUntilExit()
        return (process.terminationStatus, try String(contentsOf: file, encoding: .utf8))
    }
}

/// Lends a new folder that is gone afterwards.
func withTemporaryFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory
        .appending(path: "gatewatch-tidy-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder)
}
