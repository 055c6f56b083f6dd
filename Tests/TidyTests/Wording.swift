import Testing

/// Attributes, words and characters that stay out of the tree.
enum Wording {
    /// Where strict memory safety may be put aside: targets that hold a C handle, the slabs, the
    /// one place where a packet becomes bytes, the one where a task meets its thread, and secrets,
    /// which are read where they are.
    static let unsafeTargets: Set<String> = [
        "LinuxSystem", "EventLoop", "Netlink", "GatewatchABI",
    ]
    static let unsafeFiles: Set<String> = [
        "Sources/BFDAuthentication/Secret.swift",
        "Sources/BFDCore/Engine/AddressPrefix.swift",
        "Sources/BFDCore/Engine/AuthenticationTable.swift",
        "Sources/BFDCore/Engine/UnsolicitedTemplate.swift",
        "Sources/BFDCore/Engine/KeyTable.swift",
        "Sources/BFDCore/Engine/OutputQueue.swift",
        "Sources/BFDCore/Engine/SessionTable.swift",
        "Sources/BFDCore/Session/Session+Octets.swift",
        "Sources/BFDCore/Time/DeadlineQueue.swift",
        "Sources/BFDDriver/SessionSockets.swift",
        "Sources/BFDSimulation/Network/Datagram.swift",
        "Sources/Daemon/Control/LoopExecutor.swift",
    ]
    static let underscored: Set<String> = ["_noAllocation", "_noLocks"]

    /// Spelled in two halves, since this file is looked at too.
    private static let promises = ["TO" + "DO", "FIX" + "ME", "X" + "XX"]
    private static let machinePaths = ["/wo" + "rk/", "/fa" + "rm/", "../sha" + "red"]

    static func findings(in file: SourceFile) -> [Finding] {
        var found = plain(in: file)
        guard file.isSwift else { return found }
        for (offset, line) in file.code.lines.enumerated() {
            for message in messages(for: line, of: file) {
                found.append(Finding(path: file.path, line: offset + 1, message: message))
            }
        }
        return found
    }

    /// What is refused in sentences as in code.
    private static func plain(in file: SourceFile) -> [Finding] {
        let hasTabs = ["Makefile", ".go"].contains { file.path.hasSuffix($0) }
        return file.lines.enumerated().flatMap { offset, line in
            var messages: [String] = []
            if !hasTabs, !file.path.contains("syntax-tab"), line.contains("\t") {
                messages.append("a tab")
            }
            if line.last?.isWhitespace == true { messages.append("space at the end of a line") }
            for word in promises where line.containsWord(word) { messages.append(word) }
            for path in machinePaths where line.contains(path) { messages.append(path) }
            return messages.map { Finding(path: file.path, line: offset + 1, message: $0) }
        }
    }

    private static func messages(for line: String, of file: SourceFile) -> [String] {
        var messages: [String] = []
        if line.contains("try!") { messages.append("try!") }
        if line.contains("as!") { messages.append("as!") }
        if line.contains("@unchecked") { messages.append("@unchecked") }
        if line.contains("nonisolated(unsafe)") { messages.append("nonisolated(unsafe)") }
        if file.isSource, line.containsWord("unsafe"), !mayBeUnsafe(file) {
            messages.append("unsafe")
        }
        for range in line.ranges(of: "@_") {
            let name = "_" + line[range.upperBound...].prefix { $0.isWordPart }
            if !underscored.contains(name) { messages.append("@" + name) }
        }
        return messages
    }

    private static func mayBeUnsafe(_ file: SourceFile) -> Bool {
        unsafeFiles.contains(file.path) || unsafeTargets.contains(file.target ?? "")
    }
}

@Suite("Words that stay out")
struct WordingTests {
    @Test func `no file holds a word that stays out`() {
        #expect(Tree.files.flatMap(Wording.findings(in:)).map(\.description) == [])
    }

    @Test(arguments: [
        "// TO" + "DO: later", "let x = \"FIX" + "ME\"", "/* X" + "XX */", "\tlet x = 1",
        "let x = 1 ", "let path = \"/wo" + "rk/x\"", "// see ../sha" + "red/x",
        "let x = try! f()", "let x = y as! Int", "struct X: @unchecked Sendable {}",
        "let x = unsafe f()", "@_exported import Foundation", "@_spi(X) public func f() {}",
    ])
    func `a word that stays out is found`(_ line: String) {
        let file = SourceFile(path: "Sources/Daemon/X.swift", text: "\n" + line)
        #expect(Wording.findings(in: file).map(\.line) == [2])
    }

    @Test(arguments: [
        "// unsafe, as! and try! in a sentence", "let x = \"@_spi\"", "@_noAllocation @_noLocks",
        "let networks = 1", "let unsafely = 1",
    ])
    func `what only looks like one is left alone`(_ line: String) {
        let file = SourceFile(path: "Sources/Daemon/X.swift", text: line)
        #expect(Wording.findings(in: file).isEmpty)
    }

    @Test func `unsafe belongs to the Linux targets and the slabs`() {
        let line = "let x = unsafe f()"
        for path in ["Sources/Netlink/X.swift", "Sources/BFDCore/Engine/SessionTable.swift"] {
            #expect(Wording.findings(in: SourceFile(path: path, text: line)).isEmpty)
        }
        let core = SourceFile(path: "Sources/BFDCore/Engine/Engine.swift", text: line)
        #expect(Wording.findings(in: core).count == 1)
    }
}
