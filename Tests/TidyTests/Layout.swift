import Foundation
import Testing

/// Where things lie.
enum Layout {
    static let topLevel: Set<String> = [
        ".ci", ".editorconfig", ".gitignore", ".swift-format", "Benchmarks", "LICENSE", "Makefile",
        "Package.swift", "README.md", "Sources", "Tests", "deploy", "fixtures",
    ]

    static func strangers(in names: [String]) -> [String] {
        names.filter { !topLevel.contains($0) }
    }

    /// Tests among the sources, and Swift files that belong to no target.
    static func findings(in file: SourceFile) -> [Finding] {
        guard file.isSwift, file.path != "Package.swift", !file.path.hasPrefix("Benchmarks/") else {
            return []
        }
        guard file.target != nil else {
            return [Finding(path: file.path, line: 1, message: "belongs to no target")]
        }
        guard file.isSource else { return [] }
        let modules = Arrows.imports(in: file.code).map(\.module)
        let isTest = modules.contains { ["Testing", "XCTest"].contains($0) }
        guard isTest || file.path.hasSuffix("Tests.swift") else { return [] }
        return [Finding(path: file.path, line: 1, message: "a test among the sources")]
    }

    /// Requirements that a test names although no list has them.
    static func unknownRequirements(in file: SourceFile, known: Set<String>) -> [Finding] {
        guard file.isTest, file.isSwift else { return [] }
        return file.lines.enumerated().flatMap { offset, line in
            requirements(in: line).filter { !known.contains($0) }.map {
                Finding(path: file.path, line: offset + 1, message: "no requirement \($0)")
            }
        }
    }

    static func requirements(in line: String) -> [String] {
        let pattern = /\b(?:588[0-3]|7130|7419|788[01]|9468|9747|9764)-[0-9A-Za-z.]+-[0-9]{2}/
        return line.matches(of: pattern).map { String($0.output) }
    }
}

@Suite("Everything in its place")
struct LayoutTests {
    @Test func `the top of the tree holds what it should and nothing else`() throws {
        let names = try Tree.topLevel()
        #expect(Layout.strangers(in: names) == [])
        #expect(Set(names).isSuperset(of: ["LICENSE", "Makefile", "Package.swift", "Sources"]))
        #expect(Layout.strangers(in: ["Sources", "notes.txt"]) == ["notes.txt"])
    }

    @Test func `tests live under Tests, and every Swift file belongs to a target`() {
        #expect(Tree.swiftFiles.flatMap(Layout.findings(in:)).map(\.description) == [])
    }

    @Test(arguments: [
        ("Sources/BFDCore/X.swift", "import Testing"), ("Sources/BFDCore/XTests.swift", ""),
        ("fixtures/X.swift", ""), ("Sources/X.swift", ""),
    ])
    func `a misplaced file is found`(_ path: String, _ text: String) {
        #expect(Layout.findings(in: SourceFile(path: path, text: text)).count == 1)
    }

    @Test func `no source is kept out of the history`() throws {
        let result = try run(
            "git", "-C", Tree.root.path, "ls-files", "--others", "--ignored",
            "--exclude-standard", "--", "Sources", "Tests", "fixtures")
        // Outside a clone there is no history to be in.
        if result.status == 0 { #expect(result.output == "") }
    }

    @Test func `tests name only requirements that are listed`() throws {
        let list = try #require(Tree.files.first { $0.path == "fixtures/requirements.txt" })
        let known = Set(list.lines.compactMap { Layout.requirements(in: $0).first })
        #expect(known.count == 273)
        let found = Tree.files.flatMap { Layout.unknownRequirements(in: $0, known: known) }
        #expect(found.map(\.description) == [])
    }

    @Test func `a requirement nobody listed is found`() {
        let name = "5880-9.9" + "-99"
        let file = SourceFile(path: "Tests/BFDCoreTests/X.swift", text: "func `\(name): x`() {}")
        #expect(Layout.unknownRequirements(in: file, known: ["5880-4.1-01"]).count == 1)
    }
}
