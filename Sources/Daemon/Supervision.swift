internal import BFDCore
internal import EventLoop
internal import Gatewatch
internal import LinuxSystem

/// What a service manager is told: when the daemon serves, that it lives, that it stops.
///
/// It lives while the threads that keep sessions and routes answer. So a daemon whose engine hangs
/// is ended by the manager's watchdog, however well its control socket is served.
final class Supervision {
    let notifier: ServiceNotifier
    private var timer: TimerWatcher?

    init(_ notifier: ServiceNotifier) {
        self.notifier = notifier
    }

    /// Allows a start that has to wait the time for it.
    func expect(startWithin span: Nanoseconds) {
        notifier.tell(
            "STATUS=waiting for the network namespace", Self.extension(span + .seconds(30)))
    }

    /// Everything serves from here on.
    func begin(_ loop: EventLoop, _ gatewatch: Gatewatch) {
        notifier.tell("READY=1", "STATUS=serving")
        guard let limit = notifier.watchdogMicroseconds else { return }
        // An answer has a quarter of the time, and a lost turn is no end.
        let interval = max(Int64(clamping: limit) * 1_000 / 4, 1_000_000)
        let heartbeat = Heartbeat(of: gatewatch, patience: 0)
        timer = TimerWatcher(loop) { [unowned self] in
            if heartbeat.isBeating() { notifier.tell("WATCHDOG=1") }
            timer?.fire(after: interval)
        }
        timer?.fire(after: 0)
    }

    /// A configuration is being read again.
    func reload() {
        notifier.tell(
            "RELOADING=1", "MONOTONIC_USEC=\(Clock.monotonicNanoseconds() / 1_000)",
            "STATUS=reading the configuration")
    }

    /// It has been read, and is in force or refused.
    func reloaded() {
        notifier.tell("READY=1", "STATUS=serving")
    }

    /// Whether a service manager listens.
    var isHeard: Bool { notifier.isHeard }

    /// Another process is the unit's from now on, and this one says no more; the refusal, or nil.
    func name(successor: Int32) -> Errno? {
        timer = nil
        return notifier.insist(
            "MAINPID=\(successor)", "STATUS=handed over to process \(successor)")
    }

    /// The end, for the next process to go on.
    func makeRoom() {
        notifier.tell("STOPPING=1", "STATUS=leaving the sessions to the next process")
    }

    /// The end, after peers have been told for a while.
    func stop(within hold: Nanoseconds) {
        notifier.tell(
            "STOPPING=1", "STATUS=telling the peers", Self.extension(hold + .seconds(10)))
    }

    private static func `extension`(_ span: Nanoseconds) -> String {
        "EXTEND_TIMEOUT_USEC=\(span.count / 1_000)"
    }
}
