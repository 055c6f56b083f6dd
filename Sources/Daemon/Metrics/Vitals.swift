internal import Gatewatch
internal import NIOCore
internal import Synchronization

/// Whether the threads that keep sessions and routes do their rounds, for whoever asks over HTTP.
///
/// Before they have been started there is nothing that could hang.
final class Vitals: Sendable {
    /// How long the threads may take, in steps; whoever probes waits a second, as a rule.
    private static let step = TimeAmount.milliseconds(20)
    private static let stepCount = 40

    private let heartbeat = Mutex<Heartbeat?>(nil)

    /// The threads have been started.
    func follow(_ gatewatch: Gatewatch) {
        heartbeat.withLock { $0 = Heartbeat(of: gatewatch, patience: 0) }
    }

    /// Asks all of them, and waits for their answers, but not for long.
    func areGood(_ loop: any EventLoop) async -> Bool {
        guard let heartbeat = heartbeat.withLock(\.self) else { return true }
        // One thread asks, this loop's; what it asked here must be answered below.
        _ = try? await loop.submit { heartbeat.isBeating() }.get()
        for _ in 0..<Self.stepCount {
            let answer = loop.scheduleTask(in: Self.step) { heartbeat.isBeating() }
            if (try? await answer.futureResult.get()) == true { return true }
        }
        return false
    }
}
