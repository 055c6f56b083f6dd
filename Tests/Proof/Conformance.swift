import Foundation

/// Requirement by requirement: which tests prove it, and whether they passed.
///
/// A test proves the rows that its name holds. A test with the packet vectors as its cases proves,
/// besides, the rows that stand with those packets.
struct Conformance {
    /// Sections 6 and 7 describe what is not built.
    private static let sections: Set<Int> = [1, 2, 3, 4, 5, 8, 9, 10]

    private struct Row {
        let id: String
        let title: String
    }

    private let rows: [Row]
    private let reasons: [String: String]
    private let proofs: [String: [TestRecord]]
    private let tests: [TestRecord]

    init(streams: [String]) throws {
        rows = try Self.readRows()
        reasons = try Self.readReasons()
        tests = try EventStream.tests(in: streams)
        guard !tests.isEmpty else { throw ProofError.noTests(streams.joined(separator: " ")) }
        var proofs: [String: [TestRecord]] = [:]
        let vectors = try Self.readVectors()
        for test in tests {
            var ids = Set(Self.requirements(in: test.name))
            for name in test.cases { ids.formUnion(vectors[name] ?? []) }
            for id in ids { proofs[id, default: []].append(test) }
        }
        self.proofs = proofs
    }

    /// Prints the table; `false` when a row has no passing test and no reason.
    func report() -> Bool {
        var counts = (passed: 0, failed: 0, missing: 0, left: 0)
        for row in rows {
            let found = proofs[row.id] ?? []
            let mark: String
            if !found.isEmpty && found.allSatisfy(\.hasPassed) {
                mark = "passed"
                counts.passed += 1
            } else if found.contains(where: { $0.hasEnded && $0.issueCount > 0 }) {
                mark = "FAILED"
                counts.failed += 1
            } else if found.contains(where: \.hasPassed) {
                mark = "passed"
                counts.passed += 1
            } else if reasons[row.id] != nil {
                mark = "not done"
                counts.left += 1
            } else {
                mark = "MISSING"
                counts.missing += 1
            }
            print(row.id.padded(16) + mark.padded(10) + row.title)
            if mark == "not done", let reason = reasons[row.id] { print("    because \(reason)") }
            for test in found { print("    \(Self.word(for: test)) \(test.title)") }
        }
        let stale = staleReasons()
        for id in stale { print("\(id): in fixtures/not-done.txt, but proved or unknown") }
        print(
            "\n\(rows.count) rows: \(counts.passed) passed, \(counts.failed) failed, "
                + "\(counts.missing) without a test, \(counts.left) not done for a reason; "
                + "\(tests.count { $0.hasPassed }) of \(tests.count) tests passed")
        return counts.failed == 0 && counts.missing == 0 && stale.isEmpty
    }

    /// Rows with a reason not to be done that a test proves, or that no list has.
    private func staleReasons() -> [String] {
        reasons.keys.sorted().filter { id in
            !rows.contains { $0.id == id } || (proofs[id] ?? []).contains(where: \.hasPassed)
        }
    }

    private static func word(for test: TestRecord) -> String {
        if test.isSkipped { return "skipped" }
        if !test.hasEnded { return "not run" }
        return test.issueCount > 0 ? "failed " : "passed "
    }

    private static func readRows() throws -> [Row] {
        var section = 0
        return try Files.lines("fixtures/requirements.txt").compactMap { line in
            if let heading = line.firstMatch(of: /^# ([0-9]+)[. ]/) {
                section = Int(heading.1) ?? 0
            }
            guard let id = requirements(in: line).first, sections.contains(section) else {
                return nil
            }
            let level = line.dropFirst(id.count).drop(while: \.isWhitespace)
            let title = level.drop { !$0.isWhitespace }.drop(while: \.isWhitespace)
            return Row(id: id, title: String(title))
        }
    }

    private static func readReasons() throws -> [String: String] {
        var reasons: [String: String] = [:]
        let path = "fixtures/not-done.txt"
        for (offset, line) in try Files.lines(path).enumerated() {
            if line.isEmpty || line.hasPrefix("#") { continue }
            guard let id = requirements(in: line).first, line.hasPrefix(id) else {
                throw ProofError.badLine(file: path, line: offset + 1)
            }
            let reason = line.dropFirst(id.count).drop(while: \.isWhitespace)
            guard !reason.isEmpty else { throw ProofError.badLine(file: path, line: offset + 1) }
            reasons[id] = String(reason)
        }
        return reasons
    }

    private struct Vector: Decodable {
        let name: String
        let requirements: [String]
    }

    private static func readVectors() throws -> [String: [String]] {
        let data = try Data(contentsOf: URL(filePath: "fixtures/packets/vectors.json"))
        let vectors = try JSONDecoder().decode([Vector].self, from: data)
        return Dictionary(vectors.map { ($0.name, $0.requirements) }) { $0 + $1 }
    }

    private static func requirements(in line: String) -> [String] {
        let pattern = /\b(?:588[0-3]|7130|7419|788[01]|9468|9747|9764)-[0-9A-Za-z.]+-[0-9]{2}/
        return line.matches(of: pattern).map { String($0.output) }
    }
}

extension String {
    /// Filled with spaces up to a width, and one space at least.
    func padded(_ width: Int) -> String {
        self + String(repeating: " ", count: max(1, width - count))
    }
}
