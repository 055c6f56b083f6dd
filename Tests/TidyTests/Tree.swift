import Foundation

/// A text file of this package, or a sample that a test makes up.
struct SourceFile: Sendable {
    /// Relative to the package, with `/` between folders.
    let path: String
    let lines: [String]
    /// What of it is code; empty when it is no Swift.
    let code: SwiftCode

    init(path: String, text: String) {
        self.path = path
        code = SwiftCode(path.hasSuffix(".swift") ? text : "")
        lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    var isSwift: Bool { path.hasSuffix(".swift") }
    var isC: Bool { path.hasSuffix(".c") || path.hasSuffix(".h") }

    /// The target a file under `Sources` or `Tests` belongs to.
    var target: String? {
        let parts = path.split(separator: "/")
        guard parts.count > 2, parts[0] == "Sources" || parts[0] == "Tests" else { return nil }
        return String(parts[1])
    }

    var isSource: Bool { path.hasPrefix("Sources/") }
    var isTest: Bool { path.hasPrefix("Tests/") }

    /// How many lines, not counting what follows the last line feed.
    var lineCount: Int { lines.last == "" ? lines.count - 1 : lines.count }
}

/// What a fence found, in the form compilers use.
struct Finding: CustomStringConvertible, Sendable {
    let path: String
    let line: Int
    let message: String

    var description: String { "\(path):\(line): \(message)" }
}

/// The package this test was compiled from.
enum Tree {
    static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Names at the top, leaving out what is built or belongs to tools.
    static func topLevel() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: root.path)
            .filter { !isIgnored($0) }.sorted()
    }

    /// Every text file in the tree.
    static let files: [SourceFile] = {
        let names = (try? topLevel()) ?? []
        return names.flatMap { files(under: $0) }
    }()

    static let swiftFiles = files.filter(\.isSwift)

    private static func isIgnored(_ name: String) -> Bool {
        name.hasPrefix(".build") || [".git", ".swiftpm", "Package.resolved"].contains(name)
    }

    private static func files(under path: String) -> [SourceFile] {
        let url = root.appending(path: path)
        if let names = try? FileManager.default.contentsOfDirectory(atPath: url.path) {
            return names.sorted().filter { !isIgnored($0) }
                .flatMap { files(under: path + "/" + $0) }
        }
        guard let text = try? String(contentsOf: url, encoding: .utf8) else { return [] }
        return [SourceFile(path: path, text: text)]
    }
}
