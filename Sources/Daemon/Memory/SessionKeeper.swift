internal import BFDCore
internal import BFDDriver
internal import EventLoop
internal import Foundation
internal import Gatewatch
internal import LinuxSystem
internal import Logging

/// Keeps what a process needs that begins within the peers' detection time after this one has been
/// killed: in the main thread, whenever a session has changed.
///
/// In between only the moment is written anew: that it is alive.
final class SessionKeeper {
    /// How old the moment may become, in nanoseconds.
    private static let longestPeriod: Int64 = 250_000_000
    private static let shortestPeriod: Int64 = 50_000_000
    /// When all is looked at again, whatever events say: the peer's state and intervals change
    /// without one.
    private static let wholePeriod: Int64 = 1_000_000_000
    /// How long the engine is left alone after it was asked, whatever changes meanwhile.
    private static let rest: Int64 = 100_000_000

    private var file: SessionMemoryFile
    private let boot: String
    private let logger: Logger
    /// What the process before has kept, by the discriminators of its sessions.
    private var kept: [UInt32: KeptSession] = [:]
    private var keptAt: Int64 = 0
    private var gatewatch: Gatewatch?
    private var timer: TimerWatcher?
    private let shelf: Mailbox<KeptSessions>
    private var watcher: DescriptorWatcher?
    /// What the threads have answered, by their numbers.
    private var parts: [Int: KeptSessions] = [:]
    private var isAsked = false
    private var lastAsked: Int64 = 0
    private var hasChanged = false
    /// How often the moment is written, in nanoseconds.
    private var period = SessionKeeper.longestPeriod
    private var isWarned = false
    private var isEmpty = false
    /// How many sessions there are at most, as far as is known.
    private var expectedCount: Int
    /// What was written last, but for the moments.
    private var lastDigest: Int?

    /// Reads what was kept; `isNeeded` is false where sessions are taken over alive.
    init(
        directory: String, _ logger: Logger, sessionCount: Int, isNeeded: Bool
    ) throws(SystemError) {
        expectedCount = sessionCount
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
        guard age >= 0, age < session.memory.leastPatienceOfPeer.count else { return nil }
        return session
    }

    /// Tells what came of it, and lets go of what is only needed at the start.
    ///
    /// `upCount` says how many sessions are Up: none that began anew is by now.
    func finishRecall(_ upCount: () -> Int) -> String? {
        defer { kept = [:] }
        guard !kept.isEmpty else { return nil }
        let age = (Clock.monotonicNanoseconds() - keptAt) / 1_000_000
        let count = upCount()
        return count > 0
            ? "going on with \(count) sessions of a process that was killed; its last sign "
                + "of life was \(age) ms ago"
            : "sessions of the process before are \(age) ms old: they begin anew"
    }

    /// Keeps sessions from now on.
    func start(_ loop: EventLoop, _ gatewatch: Gatewatch) {
        self.gatewatch = gatewatch
        timer = TimerWatcher(loop) { [unowned self] in self.serve() }
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

    /// Writes once more what the next process goes on with; waits for the threads, but not long.
    func keepLast() {
        waitForAnswer()
        ask()
        waitForAnswer()
    }

    private func waitForAnswer() {
        while isAsked,
            DescriptorReadiness.waitUntilReadable(shelf.descriptor, milliseconds: 200)
        {
            collect()
        }
    }

    /// Writes no more, and leaves nothing: peers are told of the end.
    func end() {
        timer = nil
        watcher = nil
        file.erase()
    }

    private func serve() {
        // Whoever hangs is not asked again, nor said to be alive.
        guard !isAsked else { return }
        let now = Clock.monotonicNanoseconds()
        if hasChanged || now - lastAsked >= Self.wholePeriod { return ask() }
        timer?.fire(after: period)
        guard !isEmpty else { return }
        write { (file) throws in try file.write(moment: now) }
    }

    /// Asks for what is to be written.
    private func ask() {
        guard let gatewatch, !isAsked else { return }
        isAsked = true
        hasChanged = false
        lastAsked = Clock.monotonicNanoseconds()
        parts = [:]
        gatewatch.keep(in: shelf, expecting: expectedCount)
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
        // Those that give up sooner do so before the next process has begun.
        let fastest =
            kept.sessions.lazy.map(\.memory.leastPatienceOfPeer.count)
            .filter { $0 >= 2 * Self.shortestPeriod }.min() ?? .max
        period = min(max(fastest / 8, Self.shortestPeriod), Self.longestPeriod)
        timer?.fire(after: hasChanged ? Self.rest : period)
        expectedCount = max(expectedCount, kept.sessions.count)
        // What says nothing need not be said again.
        if kept.sessions.isEmpty, isEmpty { return }
        isEmpty = kept.sessions.isEmpty
        let digest = Self.digest(of: kept)
        guard digest != lastDigest else {
            write { (file) throws in try file.write(moment: kept.moment) }
            return
        }
        let isWritten = write { (file) throws in try file.write(kept, boot: boot) }
        // What is half written must be written again.
        lastDigest = isWritten ? digest : nil
    }

    /// Tells whether anything has changed but when packets came.
    private static func digest(of kept: KeptSessions) -> Int {
        var hasher = Hasher()
        for var session in kept.sessions {
            session.memory.heard = Instant(nanoseconds: 0)
            hasher.combine(session)
        }
        return hasher.finalize()
    }

    @discardableResult
    private func write(_ body: (inout SessionMemoryFile) throws -> Void) -> Bool {
        do {
            try body(&file)
            return true
        } catch {
            guard !isWarned else { return false }
            isWarned = true
            logger.warning(
                """
                \(file.name) cannot be written, sessions begin anew if this process is killed: \
                \(ConfigurationFile.reason(error))
                """)
            return false
        }
    }
}
