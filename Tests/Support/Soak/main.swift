import BFDCore
import BFDSimulation
import Foundation

// soak [seeds] [hours] [first seed] [file]: runs so many seeds, each for so many virtual hours, and
// adds a seed that breaks a rule to the file, which the tests replay. `soak changes N` makes N live
// changes of timers and multipliers instead, under loss; `soak trace SEED SECONDS` prints one run.

/// Where the words of the command line are.
func word(_ index: Int) -> String? {
    CommandLine.arguments.count > index ? CommandLine.arguments[index] : nil
}

func elapsed(since start: ContinuousClock.Instant) -> Double {
    let span = (ContinuousClock.now - start).components
    return Double(span.seconds) + Double(span.attoseconds) / 1e18
}

func twoDecimals(_ number: Double) -> String {
    String(format: "%.2f", number)
}

/// Prints a line at once, also into a file.
func say(_ line: String) {
    FileHandle.standardOutput.write(Data((line + "\n").utf8))
}

/// Appends a line to a file of seeds.
func record(_ line: String, in path: String) throws {
    let file = URL(filePath: path)
    let before = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
    try (before + line + "\n").write(to: file, atomically: true, encoding: .utf8)
}

func soakSeeds() throws -> Int {
    let count = word(1).flatMap(UInt64.init) ?? 10_000
    let hours = word(2).flatMap(Double.init) ?? 1
    let first = word(3).flatMap(UInt64.init) ?? 1
    let duration = Nanoseconds.seconds(Int64(hours * 3_600))
    let start = ContinuousClock.now
    var failures = 0
    var packets = 0
    for seed in first..<first + count {
        let run = Simulation(ScenarioGenerator.scenario(seed: seed, duration: duration))
        let violations = run.run()
        packets += run.sentCount
        if !violations.isEmpty {
            failures += 1
            say("seed \(seed): \(violations.count) violations, the first: \(violations[0])")
            if let path = word(4) { try record("\(seed) \(Int(hours * 3_600))", in: path) }
        }
        if (seed - first) % 500 == 499 {
            let rate = Double(seed - first + 1) * hours / elapsed(since: start)
            say("seed \(seed): \(failures) failures, \(twoDecimals(rate)) virtual hours a second")
        }
    }
    let span = elapsed(since: start)
    let virtual = Double(count) * hours
    say(
        "\(count) seeds x \(hours) virtual hours, \(packets) packets: \(failures) seeds failed; "
            + "\(twoDecimals(span)) s, \(twoDecimals(virtual / span)) virtual hours a second")
    return failures
}

func soakChanges() -> Int {
    let count = word(2).flatMap(Int.init) ?? 100_000
    var failures = 0
    let perRun = 5_000
    var expiries = 0
    var seconds: Int64 = 0
    let start = ContinuousClock.now
    for index in 0..<max(1, count / perRun) {
        let loss = [0, 10, 50, 100][index % 4]
        let scenario = ScenarioGenerator.renegotiation(
            seed: UInt64(index) + 1, changeCount: perRun, lossPerMille: loss)
        let run = Simulation(scenario)
        let violations = run.run()
        expiries += run.checkers.expiryCount
        seconds += scenario.duration.count / 1_000_000_000
        if let violation = violations.first {
            failures += 1
            say("run \(index + 1), loss \(loss) of 1000: \(violation)")
        }
        if loss == 0 && run.checkers.expiryCount > 0 {
            failures += 1
            say("run \(index + 1): \(run.checkers.expiryCount) expiries without loss")
        }
    }
    say(
        "\(count) live changes in \(seconds) virtual seconds: \(expiries) expiries, all with their "
            + "packets lost, \(failures) failures, \(twoDecimals(elapsed(since: start))) s")
    return failures
}

/// Prints one run, line by line, and what did not hold.
func trace() -> Int {
    let seed = word(2).flatMap(UInt64.init) ?? 1
    let duration = Nanoseconds.seconds(word(3).flatMap(Int64.init) ?? 3_600)
    let run = Simulation(
        ScenarioGenerator.scenario(seed: seed, duration: duration), keepsTranscript: true)
    let violations = run.run()
    run.transcript?.lines.forEach(say)
    violations.forEach { say("violation: \($0)") }
    return violations.count
}

switch word(1) {
case "changes": exit(soakChanges() == 0 ? 0 : 1)
case "trace": exit(trace() == 0 ? 0 : 1)
default: exit(try soakSeeds() == 0 ? 0 : 1)
}
