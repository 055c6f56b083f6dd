internal import ControlProtocol
internal import EventLoop
internal import Glibc
internal import LinuxSystem
internal import Logging
internal import NodeCore

/// The start's look at the namespace: waits for one that is not there yet, and says once what for.
///
/// What it says is what `gatewatch namespace show` says; control clients are told the same
/// meanwhile.
final class NamespaceEntrance {
    enum Outcome {
        /// It can be entered; the finding is about its inside or surroundings.
        case open(Finding?)
        /// A signal ended the wait.
        case interrupted
    }

    /// How often all processes are searched at most.
    private static let searchNanoseconds: Int64 = 10_000_000_000
    /// How long a plain file must have been one to be worth a word.
    private static let settlingNanoseconds: Int64 = 500_000_000

    private let care: NamespaceCare
    private let timeout: Int64
    private let loop: EventLoop
    private let logger: Logger
    private var verdict: NamespaceDiagnosis?
    private var object = NamespaceObject.nothing
    private var lastSearch: Int64 = 0
    private var lastSeen = NamespaceObject.nothing
    private var lastChange: Int64 = 0
    private var isInterrupted = false
    private var wantsLook = false

    init(_ care: NamespaceCare, timeout: Int64, _ loop: EventLoop, _ logger: Logger) {
        self.care = care
        self.timeout = timeout
        self.loop = loop
        self.logger = logger
    }

    /// Returns once the namespace can be entered; throws the finding when that does not happen.
    func wait(_ server: ControlServer) throws(DaemonError) -> Outcome {
        verdict = search()
        guard let first = verdict, first.entry != .possible else {
            return .open(verdict?.finding)
        }
        guard first.entry == .waiting, timeout > 0 else { throw .finding(first.finding) }
        let deadline = Clock.monotonicNanoseconds() + timeout
        server.serve { [unowned self] _, connection in connection.send(.error(self.refusal)) }
        let signals = [SIGTERM, SIGINT].map { number in
            SignalWatcher(loop, signal: number) { [unowned self] in self.isInterrupted = true }
        }
        let end = TimerWatcher(loop) {}
        end.fire(after: timeout)
        let watch: NameWatch
        do throws(SystemError) {
            watch = try NameWatch(care.path, loop) { [unowned self] in self.wantsLook = true }
        } catch {
            throw DaemonError(error)
        }
        defer { withExtendedLifetime((signals, end, watch)) {} }
        // Who reads this may send a signal at once.
        logger.warning("waiting up to \(timeout / 1_000_000_000) s: \(first.finding.line)")
        while true {
            loop.runOnce(waiting: true)
            if isInterrupted { return .interrupted }
            if wantsLook { look() }
            guard let verdict, verdict.entry != .possible else {
                return .open(verdict?.finding)
            }
            if verdict.entry == .impossible || Clock.monotonicNanoseconds() >= deadline {
                throw .finding(verdict.finding)
            }
        }
    }

    /// Only what has changed is worth a search, and worth a word.
    private func look() {
        wantsLook = false
        let before = verdict
        let now = Clock.monotonicNanoseconds()
        let isDue = now - lastSearch > Self.searchNanoseconds
        let seen = care.object()
        if seen != lastSeen { lastChange = now }
        lastSeen = seen
        // A name comes first, and what is mounted on it a moment later.
        if seen == .plainFile, now - lastChange < Self.settlingNanoseconds { return }
        guard isDue || seen != object else { return }
        verdict = search()
        if let verdict, verdict.entry == .waiting, verdict != before {
            logger.warning("still waiting: \(verdict.finding.line)")
        }
    }

    private func search() -> NamespaceDiagnosis? {
        lastSearch = Clock.monotonicNanoseconds()
        let evidence = care.evidence()
        object = evidence.object
        return NamespaceDiagnosis.primary(evidence)
    }

    private var refusal: Failure {
        let finding = verdict?.finding
        return Failure(
            code: .waiting,
            message: "the daemon waits for its namespace: "
                + (finding.map { "\($0.cause) [\($0.code)]" } ?? "it is about to be entered"),
            nextStep: finding?.nextStep ?? "Try again.")
    }
}
