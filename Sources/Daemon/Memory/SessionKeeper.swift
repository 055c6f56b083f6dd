internal import BFDCore
internal import BFDDriver
internal import EventLoop
internal import Foundation
internal import Gatewatch
internal import LinuxSystem
internal import Logging

/// Keeps what a process needs that begins within the peers' detection time after this one has been
/// killed: in the main thread, a few times a second and whenever a session has changed.
final class SessionKeeper {
    /// How old what is kept may become, in nanoseconds.
    private static let longestPeriod: Int64 = 250_000_000
    private static let shortestPeriod: Int64 = 50_000_000
    /// How long the engine is left alone after it was asked, whatever changes meanwhile.
    private static let rest: Int64 = 10_000_000

    private var file: SessionMemoryFile
    private let boot: String
    private let logger: Logger
    /// What the process before has kept, by the discriminators of its sessions.
    private var kept: [UInt32: KeptSession] = [:]
    private var keptAt: Int64 = 0
    private var recalledCount = 0
    private var gatewatch: Gatewatch?
    private var timer: TimerWatcher?
    private let shelf: Mailbox<KeptSessions>
    private var watcher: DescriptorWatcher?
    /// What the threads have answered, by their numbers.
    private var parts: [Int: KeptSessions] = [:]
    private var isAsked = false
    private var lastAsked: Int64 = 0
    private var hasChanged = false
    private var isWarned = false
    private var isEmpty = false

    /// Reads what was kept; `isNeeded` is false where sessions are taken over alive.
    init(directory: String, _ logger: Logger, isNeeded: Bool) throws(SystemError) {
        shelf = try Mailbox(capacity: 1_024)
        file = SessionMemoryFile(directory: directory)
        boot = SequenceStore.currentBoot
        self.logger = logger
        guard isNeeded else { return }
        do throws(SessionMemoryFile.Refusal) {
            guard let found = try file.read(boot: boot) else { return }
            keptAt = found.moment
            for session in found.sessions { kept[session.memory.localDiscriminator] = session }
        } catch {
            say(error)
        }
    }

    private func say(_ refusal: SessionMemoryFile.Refusal) {
        switch refusal {
        case .otherBoot: return
        case .damaged:
            logger.warning("\(file.name) and its other half are damaged: sessions begin anew")
        case .otherVersion(let version):
            logger.warning(
                """
                \(file.name) is of version \(version): sessions begin anew, with the \
                discriminators they had
                """)
        }
    }

    /// What the session with a discriminator goes on with; nil when it has to begin anew, because
    /// nothing was kept or its peer has given it up by now.
    func recall(_ discriminator: UInt32) -> KeptSession? {
        guard let session = kept[discriminator] else { return nil }
        let age = Clock.monotonicNanoseconds() - keptAt
        guard age >= 0, age < session.memory.patienceOfPeer.count else { return nil }
        recalledCount += 1
        return session
    }

    /// Tells what came of it, and lets go of what is only needed at the start.
    func finishRecall() -> String? {
        defer { kept = [:] }
        guard !kept.isEmpty else { return nil }
        let age = (Clock.monotonicNanoseconds() - keptAt) / 1_000_000
        return recalledCount > 0
            ? "going on with \(recalledCount) sessions of a process that was killed; its last sign "
                + "of life was \(age) ms ago"
            : "sessions of the process before are \(age) ms old: they begin anew"
    }

    /// Keeps sessions from now on.
    func start(_ loop: EventLoop, _ gatewatch: Gatewatch) {
        self.gatewatch = gatewatch
        timer = TimerWatcher(loop) { [unowned self] in self.ask() }
        watcher = DescriptorWatcher(loop, descriptor: shelf.descriptor) { [unowned self] in
            self.collect()
        }
        ask()
    }

    /// A session is not what it was.
    func noteChange() {
        hasChanged = true
        guard !isAsked else { return }
        timer?.fire(after: lastAsked + Self.rest - Clock.monotonicNanoseconds())
    }

    /// Writes no more, and leaves nothing: peers are told of the end.
    func end() {
        timer = nil
        watcher = nil
        file.erase()
    }

    /// Asks for what is to be written; whoever hangs is not asked again, nor waited for.
    private func ask() {
        guard let gatewatch, !isAsked else { return }
        isAsked = true
        hasChanged = false
        lastAsked = Clock.monotonicNanoseconds()
        parts = [:]
        gatewatch.keep(in: shelf)
    }

    private func collect() {
        var arrived: [KeptSessions] = []
        _ = shelf.takeAll(into: &arrived)
        for part in arrived { parts[part.threadNumber] = part }
        guard let first = parts.values.first, parts.count == first.threadCount else { return }
        isAsked = false
        let moment = parts.values.map(\.moment).min() ?? 0
        save(KeptSessions(moment: moment, sessions: parts.values.flatMap(\.sessions)))
    }

    private func save(_ kept: KeptSessions) {
        let fastest = kept.sessions.map(\.memory.patienceOfPeer.count).min()
        rearm((fastest ?? .max) / 4)
        // What says nothing need not be said again.
        if kept.sessions.isEmpty, isEmpty { return }
        isEmpty = kept.sessions.isEmpty
        do {
            try file.write(kept, boot: boot)
        } catch {
            guard !isWarned else { return }
            isWarned = true
            logger.warning(
                """
                \(file.name) cannot be written, sessions begin anew if this process is killed: \
                \(error.localizedDescription)
                """)
        }
    }

    private func rearm(_ period: Int64) {
        timer?.fire(
            after: hasChanged
                ? Self.rest : min(max(period, Self.shortestPeriod), Self.longestPeriod))
    }
}
