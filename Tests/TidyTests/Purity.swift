import Testing

/// What a pure target never mentions: time, bytes and randomness come in as arguments.
enum Purity {
    static let forbidden = [
        "Foundation", "Glibc", "Date", "ContinuousClock", "SuspendingClock", "async", "await",
        "Task", "actor", "Thread", "SystemRandomNumberGenerator",
    ]

    static func findings(in file: SourceFile) -> [Finding] {
        guard file.isSource, file.isSwift, Arrows.pure.contains(file.target ?? "") else {
            return []
        }
        let code = file.code
        let words = forbidden.flatMap { word in
            code.lines(withWord: word).map {
                Finding(path: file.path, line: $0, message: "a pure target mentions \(word)")
            }
        }
        return words + globals(in: code, of: file)
    }

    /// Stored variables outside every type, and stored static ones inside.
    private static func globals(in code: SwiftCode, of file: SourceFile) -> [Finding] {
        var depth = 0
        var found: [Finding] = []
        for (offset, line) in code.lines.enumerated() {
            let isStatic = line.contains("static var") && !line.contains("{")
            let head = String(line.prefix { $0 != "{" })
            if isStatic || (depth == 0 && head.containsWord("var")) {
                found.append(
                    Finding(path: file.path, line: offset + 1, message: "a global variable"))
            }
            depth += line.count { $0 == "{" } - line.count { $0 == "}" }
        }
        return found
    }
}

@Suite("Pure targets stay pure")
struct PurityTests {
    @Test func `no pure target mentions a clock, a thread or a global variable`() {
        #expect(Tree.swiftFiles.flatMap(Purity.findings(in:)).map(\.description) == [])
    }

    @Test(arguments: [
        "let now = Date()", "func wait() async {}", "let clock = ContinuousClock()",
        "actor Engine {}", "var counter = 0", "nonisolated(unsafe) var counter = 0",
        "enum Shared {\n    static var count = 0\n}", "let task = Task { }",
    ])
    func `an impure line is found`(_ text: String) {
        let file = SourceFile(path: "Sources/RouteCore/X.swift", text: text)
        #expect(!Purity.findings(in: file).isEmpty)
    }

    @Test(arguments: [
        "// Date of the last packet", "let text = \"async\"", "struct Update { var date = 0 }",
        "enum Span {\n    static var zero: Int { 0 }\n}", "func `an async name`() {}",
    ])
    func `words inside sentences, strings and longer names are left alone`(_ text: String) {
        let file = SourceFile(path: "Sources/RouteCore/X.swift", text: text)
        #expect(Purity.findings(in: file).isEmpty)
    }
}
