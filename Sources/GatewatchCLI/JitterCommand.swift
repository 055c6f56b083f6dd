internal import ArgumentParser
internal import ControlProtocol
internal import Daemon
internal import Foundation
internal import LinuxSystem
internal import TimerJitter

/// `gatewatch jitter`.
struct JitterCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "jitter",
        abstract: "Measure how late this node's timers are, and what it can promise.",
        usage: "gatewatch jitter [<options>]",
        discussion: """
            Lets timers of libev, epoll timeouts, a timerfd and a real BFD engine wake up side \
            by side, with and without real-time priority, on a quiet machine and with every core \
            kept busy by threads of its own. Tells how late they were, never on average, and the \
            shortest detection time that this node can promise. Needs no daemon; packets go to \
            the loopback interface only. Run as root, or with CAP_SYS_NICE, for real-time priority.

            Examples:
              gatewatch jitter                         Ten seconds, everything.
              gatewatch jitter --duration 600s         Ten minutes: sees rarer things.
              gatewatch jitter --load idle --sessions 1000 --interval 50ms
              gatewatch jitter --svg jitter.svg --json > jitter.json
            """)

    @Option(help: ArgumentHelp("How long to measure in all.", valueName: "duration"))
    var duration = "10s"

    @Option(help: ArgumentHelp("Time between deadlines, 100us to 1s.", valueName: "duration"))
    var interval = "1ms"

    @Option(help: ArgumentHelp("Sessions of the engine, 1 to 10000.", valueName: "number"))
    var sessions = 1

    @Option(help: ArgumentHelp("Detection multiplier of the verdict.", valueName: "number"))
    var multiplier = 3

    @Option(
        help: ArgumentHelp(
            "SCHED_FIFO priority, 1 to 99; 0 leaves real time out.", valueName: "number"))
    var priority: Int32 = 50

    @Option(
        help: ArgumentHelp("idle, busy (every core, by threads of ours) or both."))
    var load = JitterLoad.both

    @Flag(help: "Print JSON.")
    var json = false

    @Option(
        help: ArgumentHelp("Draw the percentiles as a curve into a file.", valueName: "file"),
        completion: .file())
    var svg: String?

    /// More than this, and the measurement would be of a machine that is full.
    private static let mostPacketsPerSecond: Int64 = 50_000

    func validate() throws {
        let span = try microseconds(of: duration, option: "--duration")
        guard span >= 1_000_000, span <= 86_400_000_000 else {
            throw ValidationError("--duration is 1s to 86400s")
        }
        let interval = try microseconds(of: interval, option: "--interval")
        guard interval >= 100, interval <= 1_000_000 else {
            throw ValidationError("--interval is 100us to 1s")
        }
        guard (1...10_000).contains(sessions) else {
            throw ValidationError("--sessions is 1 to 10000")
        }
        guard (1...255).contains(multiplier) else {
            throw ValidationError("--multiplier is 1 to 255")
        }
        guard (0...99).contains(priority) else {
            throw ValidationError("--priority is 0 to 99")
        }
        let rate = Int64(sessions) * 1_000_000 / interval
        guard rate <= Self.mostPacketsPerSecond else {
            throw ValidationError(
                "\(sessions) sessions at \(self.interval) are \(rate) packets a second; "
                    + "at most \(Self.mostPacketsPerSecond) are sent: use a longer --interval")
        }
    }

    func run() throws {
        try withOutput {
            let refusal = priority > 0 ? JitterProbe.refusal(ofPriority: priority) : nil
            let plan = JitterPlan(
                priorities: priority > 0 && refusal == nil ? [0, priority] : [0], load: load.plan,
                interval: try microseconds(of: interval, option: "--interval") * 1_000,
                sessionCount: sessions,
                duration: try microseconds(of: duration, option: "--duration") * 1_000)
            let report = JitterReport(
                measurements: try measure(plan), multiplier: multiplier,
                refusedPriority: refusal == nil ? nil : priority)
            if let svg { try write(JitterPlot.svg(report), to: svg) }
            try StandardStreams.print(
                json ? ControlCoding.text(JitterJSON(report)) : JitterText.text(report))
        }
    }

    private func measure(_ plan: JitterPlan) throws -> [JitterMeasurement] {
        do throws(SystemError) {
            return try plan.measure { cell, index in
                StandardStreams.printError(
                    "[\(index + 1)/\(plan.cells.count)] \(JitterText.title(of: cell)) …")
            }
        } catch {
            throw CommandError(
                "this node cannot be measured: \(error)",
                nextStep: "Free what the kernel names, then try again.")
        }
    }

    private func write(_ text: String, to path: String) throws {
        do {
            try text.write(toFile: path, atomically: false, encoding: .utf8)
        } catch {
            throw CommandError(
                "\(path) cannot be written", nextStep: "Give --svg a path that can be.")
        }
    }

    private func microseconds(of text: String, option: String) throws -> Int64 {
        do throws(DurationReader.Mistake) {
            return try DurationReader.microseconds(text)
        } catch {
            throw ValidationError("\(option) \"\(text)\" \(error.message)")
        }
    }
}

/// What else the machine does while it is measured.
enum JitterLoad: String, ExpressibleByArgument, CaseIterable {
    case idle
    case busy
    case both

    var plan: JitterPlan.Load {
        switch self {
        case .idle: .idle
        case .busy: .busy
        case .both: .both
        }
    }
}
