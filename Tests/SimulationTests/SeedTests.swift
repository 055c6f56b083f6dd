import BFDCore
import BFDSimulation
import Foundation
import Testing

/// The package this test was compiled from.
enum Package {
    static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static func fixture(_ path: String) -> URL {
        root.appending(path: "fixtures/\(path)")
    }
}

/// A run that failed once: a seed, and how long it ran.
struct RecordedSeed: Sendable, CustomStringConvertible {
    let seed: UInt64
    let seconds: Int64

    var description: String { "seed \(seed), \(seconds) s" }

    /// `SEED SECONDS` a line, and anything after `#`.
    static let all: [RecordedSeed] = {
        let text = try? String(contentsOf: Package.fixture("seeds.txt"), encoding: .utf8)
        return (text ?? "").split(separator: "\n").compactMap { line in
            let words = line.prefix { $0 != "#" }.split(separator: " ")
            guard words.count == 2, let seed = UInt64(words[0]), let span = Int64(words[1]) else {
                return nil
            }
            return RecordedSeed(seed: seed, seconds: span)
        }
    }()
}

@Suite("Runs from seeds")
struct SeedTests {
    /// How long each of the 200 runs is, in virtual seconds: the first rest, and a storm.
    private static let seconds: Int64 = 150

    @Test func `200 seeds keep every rule`() {
        let start = ContinuousClock.now
        var packets = 0
        for seed in UInt64(1)...200 {
            let scenario = ScenarioGenerator.scenario(
                seed: seed, duration: .seconds(Self.seconds))
            let run = Simulation(scenario)
            let violations = run.run()
            packets += run.sentCount
            #expect(violations.isEmpty, "seed \(seed), \(Self.seconds) s: \(violations[0])")
        }
        let span = (ContinuousClock.now - start).components
        let elapsed = Double(span.seconds) + Double(span.attoseconds) / 1e18
        let hours = 200 * Double(Self.seconds) / 3_600
        let rate = String(format: "%.2f", hours / elapsed)
        print("200 seeds, \(packets) packets: \(rate) virtual hours a second")
    }

    @Test(arguments: RecordedSeed.all)
    func `a seed that failed once holds`(_ recorded: RecordedSeed) {
        let scenario = ScenarioGenerator.scenario(
            seed: recorded.seed, duration: .seconds(recorded.seconds))
        #expect(Simulation(scenario).run() == [])
    }

    @Test(arguments: [UInt64(3), 7, 21])
    func `a seed replays its run exactly`(_ seed: UInt64) {
        let scenario = ScenarioGenerator.scenario(seed: seed, duration: .seconds(160))
        let runs = (0...1).map { _ in
            let run = Simulation(scenario, keepsTranscript: true)
            _ = run.run()
            return (run.fingerprint, run.transcript?.lines ?? [])
        }
        #expect(runs[0].0 == runs[1].0 && runs[0].1 == runs[1].1)
        let other = ScenarioGenerator.scenario(seed: seed + 1, duration: .seconds(160))
        let run = Simulation(other)
        _ = run.run()
        #expect(run.fingerprint != runs[0].0)
    }

    @Test func `storms contain every kind of action`() {
        var kinds: Set<String> = []
        for seed in UInt64(1)...60 {
            let scenario = ScenarioGenerator.scenario(seed: seed, duration: .seconds(400))
            for (_, action) in scenario.actions {
                kinds.insert(String(scenario.text(of: action).prefix { $0 != " " }))
            }
        }
        let all = [
            "add", "disable", "enable", "heal", "interface", "key", "kill", "net", "remove",
            "rest", "set", "start", "stop", "verify",
        ]
        #expect(kinds.sorted() == all)
    }
}

@Suite("Renegotiation")
struct RenegotiationTests {
    @Test(arguments: [UInt64](1...4))
    func `without loss no live change takes a session down`(_ seed: UInt64) {
        let scenario = ScenarioGenerator.renegotiation(
            seed: seed, changeCount: 1_000, lossPerMille: 0)
        let run = Simulation(scenario)
        #expect(run.run() == [])
        #expect(run.checkers.expiryCount == 0)
        #expect(run.session(0)?.counters.downs == 0 && run.session(1)?.counters.downs == 0)
    }

    @Test(arguments: [10, 50, 100, 200])
    func `with loss no session goes down that did not lose its packets`(_ loss: Int) {
        let scenario = ScenarioGenerator.renegotiation(
            seed: UInt64(loss), changeCount: 1_000, lossPerMille: loss)
        let run = Simulation(scenario)
        #expect(run.run() == [])
        if loss == 200 { #expect(run.checkers.expiryCount > 0) }
    }
}
