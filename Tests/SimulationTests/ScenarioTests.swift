import BFDCore
import BFDSimulation
import Foundation
import Testing

/// A named scenario with the transcript it is known to have.
struct GoldenScenario: Sendable, CustomStringConvertible {
    let name: String

    var description: String { name }
    var scenario: URL { Package.fixture("scenarios/\(name)/scenario.txt") }
    var expected: URL { Package.fixture("scenarios/\(name)/expected.txt") }

    static let all: [GoldenScenario] = {
        let folder = Package.fixture("scenarios").path
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.sorted().map { GoldenScenario(name: $0) }
    }()
}

@Suite("Named scenarios")
struct ScenarioFileTests {
    @Test func `there are scenarios`() {
        #expect(GoldenScenario.all.count >= 8)
    }

    @Test(arguments: GoldenScenario.all)
    func `a scenario keeps the rules and its transcript`(_ golden: GoldenScenario) throws {
        let text = try String(contentsOf: golden.scenario, encoding: .utf8)
        let run = Simulation(try Scenario(parsing: text), keepsTranscript: true)
        #expect(run.run() == [])
        let lines = try #require(run.transcript).lines
        let found = lines.joined(separator: "\n") + "\n"
        if ProcessInfo.processInfo.environment["UPDATE_FIXTURES"] == "1" {
            try found.write(to: golden.expected, atomically: true, encoding: .utf8)
        }
        let expected = try String(contentsOf: golden.expected, encoding: .utf8)
        let expectedLines = expected.split(separator: "\n").map(String.init)
        for (index, line) in lines.enumerated() where line != expectedLines[safe: index] {
            let wanted = expectedLines[safe: index] ?? "the end"
            Issue.record("line \(index + 1): \(line), not \(wanted)")
            return
        }
        #expect(lines.count == expectedLines.count)
    }

    @Test(arguments: [
        ("node", "a node without a name"), ("node a\nnode b\nlink a c", "no node c"),
        ("at 10s", "a moment and an action, such as at 10s heal"),
        ("at 10s dance", "unknown action dance"), ("end 10", "10 is no span"),
        ("at 10s heal\nat 9s heal", "actions are in order of time"),
        ("node a policy=never", "unknown policy never"), ("seed x", "x is no number"),
        ("node a\nnode b\nlink a b tx", "unknown word tx"), ("dance", "unknown statement dance"),
        ("node a\nnode b\nlink a b\nat 1s set b/c tx=1s", "no end b/c"),
    ])
    func `a scenario that cannot be read says where and why`(_ text: String, _ reason: String) {
        #expect {
            try Scenario(parsing: text)
        } throws: { error in
            guard let error = error as? ScenarioError else { return false }
            return error.text.hasPrefix(reason) && error.line == text.split(separator: "\n").count
        }
    }

    @Test func `what an action is called in a transcript can be read back`() throws {
        let head = "node a\nnode b\nnode c\nlink a b bound\nlink a c bound\n"
        let seeds: [UInt64] = [2, 4, 11]
        for seed in seeds {
            let generated = ScenarioGenerator.scenario(seed: seed, duration: .seconds(400))
            for (_, action) in generated.actions {
                let line = generated.text(of: action)
                let names = line.split { $0 == " " || $0 == "/" }
                guard !names.contains("d") else { continue }
                let read = try Scenario(parsing: head + "at 1s \(line)")
                #expect(read.actions.map { read.text(of: $0.action) } == [line])
            }
        }
    }
}

extension Array {
    fileprivate subscript(safe index: Int) -> Element? {
        indices.contains(index) ? self[index] : nil
    }
}
