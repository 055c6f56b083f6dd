internal import ControlProtocol
internal import LinuxSystem
internal import NIOCore
internal import Synchronization

/// What `/status.json` answers: made of the same answers as metrics, and shared by all who look.
///
/// With many sessions it takes a while, so it is made less often: a twentieth of the time at most.
struct PageFeed: Sendable {
    /// How much longer than it takes it is kept.
    private static let share: Int64 = 20

    private let questions: Questions
    private let host: String?
    private let shared: SharedAnswer<ByteBuffer>
    private let pace = Pace()

    init(_ questions: Questions, _ executor: LoopExecutor, host: String) {
        self.questions = questions
        self.host = host.isEmpty ? nil : host
        let pace = pace
        shared = SharedAnswer(executor) { pace.nanoseconds }
    }

    /// The report as JSON, a second old at most unless that would be too much work.
    func json() async throws -> ByteBuffer {
        try await shared.value {
            let start = Clock.monotonicNanoseconds()
            let report = try await report()
            let text = String(decoding: try ControlCoding.line(report), as: UTF8.self)
            pace.took(Self.share * (Clock.monotonicNanoseconds() - start))
            return ByteBuffer(string: text)
        }
    }

    private func report() async throws(Failure) -> PageReport {
        let replies = [
            try await questions.ask(.version), try await questions.ask(.status(peer: nil)),
            try await questions.ask(.routes),
            // Only to know how many there have been.
            try await questions.ask(.events(follow: false, since: .max)),
        ]
        guard case .version(let version) = replies[0], case .status(let status) = replies[1],
            case .routes(let routes) = replies[2], case .events(let last) = replies[3]
        else { throw .stopping() }
        let count = min(last.lastSequence, PageReport.eventCount)
        let since = last.lastSequence - count + 1
        guard
            case .events(let events) = try await questions.ask(
                .events(follow: false, since: since))
        else { throw .stopping() }
        var report = PageReport(
            version, status, routes, events,
            time: Timestamp(realtimeNanoseconds: Clock.realtimeNanoseconds()),
            refreshMilliseconds: Int(pace.nanoseconds / 1_000_000))
        report.host = host
        return report
    }

    /// How long an edition is kept: from one second to ten.
    private final class Pace: Sendable {
        private static let bounds: ClosedRange<Int64> = 1_000_000_000...10_000_000_000

        private let value = Atomic<Int64>(bounds.lowerBound)

        var nanoseconds: Int64 { value.load(ordering: .relaxed) }

        func took(_ nanoseconds: Int64) {
            let bounds = Self.bounds
            value.store(
                min(max(nanoseconds, bounds.lowerBound), bounds.upperBound), ordering: .relaxed)
        }
    }
}
