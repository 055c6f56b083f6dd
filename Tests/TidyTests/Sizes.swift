import Testing

/// How long files, functions and lines may be.
enum Sizes {
    static let linesPerFile = 400
    static let linesPerFunction = 60
    static let columns = 100

    static func findings(in file: SourceFile) -> [Finding] {
        guard file.isSwift || file.isC else { return [] }
        var found: [Finding] = []
        if file.lineCount > linesPerFile {
            found.append(
                Finding(path: file.path, line: 1, message: "\(file.lineCount) lines in a file"))
        }
        for (offset, line) in file.lines.enumerated() where line.count > columns {
            found.append(
                Finding(path: file.path, line: offset + 1, message: "\(line.count) columns"))
        }
        guard file.isSwift else { return found }
        let functions = FunctionLengths(file.code).functions
        for function in functions where function.lineCount > linesPerFunction {
            let message = "\(function.lineCount) lines in a function"
            found.append(Finding(path: file.path, line: function.line, message: message))
        }
        return found
    }
}

@Suite("Files, functions and lines stay short")
struct SizeTests {
    @Test func `nothing is too long`() {
        #expect(Tree.files.flatMap(Sizes.findings(in:)).map(\.description) == [])
    }

    @Test func `a file of 401 lines is found, one of 400 is not`() {
        for (count, isFound) in [(400, false), (401, true)] {
            let text = String(repeating: "\n", count: count)
            let file = SourceFile(path: "Sources/BFDCore/X.swift", text: text)
            #expect(Sizes.findings(in: file).isEmpty == !isFound)
        }
    }

    @Test func `a line of 101 columns is found, one of 100 is not`() {
        for (count, isFound) in [(100, false), (101, true)] {
            let text = String(repeating: "é", count: count)
            let file = SourceFile(path: "Sources/CLinux/x.c", text: text)
            #expect(Sizes.findings(in: file).isEmpty == !isFound)
        }
    }

    @Test(arguments: [
        "    func send(\n        _ list: [Int] = [1]\n    ) throws(E) -> Int {",
        "    init(each: () -> Void = { }) {", "    deinit {", "    subscript(index: Int) -> Int {",
    ])
    func `a function of 61 lines is found, one of 60 is not`(_ head: String) {
        for (count, isFound) in [(60, false), (61, true)] {
            let innerCount = count - head.lineCount - 1
            let inner = Array(repeating: "        list.map { $0 }", count: innerCount)
            let text = (["struct X {", head] + inner + ["    }", "}"]).joined(separator: "\n")
            let file = SourceFile(path: "Sources/BFDCore/X.swift", text: text)
            #expect(Sizes.findings(in: file).map(\.line) == (isFound ? [2] : []))
        }
    }

    @Test func `a call of an initialiser and a requirement without body are no functions`() {
        let text = "protocol P {\n    func a()\n    init()\n}\nlet x = X.init()\n"
        #expect(FunctionLengths(SwiftCode(text)).functions.isEmpty)
    }
}

extension String {
    fileprivate var lineCount: Int { split(separator: "\n").count }
}
