internal import ControlProtocol
internal import EventLoop
internal import Gatewatch
internal import LinuxSystem
internal import Logging
internal import NodeCore

extension Daemon {
    /// Begins to follow the namespace's name, and says what is wrong with it already.
    func follow(_ finding: Finding?) throws(DaemonError) {
        if let finding {
            record(.daemon, cause: "\(finding.cause) [\(finding.code)]")
            logger.warning("\(finding.line)")
        }
        guard let care = configuration.namespaceCare else { return }
        do throws(SystemError) {
            follower = try NamespaceFollower(care, self)
        } catch {
            throw DaemonError(error)
        }
    }
}

/// Follows the name of the daemon's namespace.
///
/// The daemon holds the namespace itself. Without its name it goes on living there, and says so;
/// when another namespace gets the name, sessions and routes move there.
final class NamespaceFollower {
    private static let longestPause: Int64 = 30_000_000_000

    private let care: NamespaceCare
    private unowned let daemon: Daemon
    private var watch: NameWatch?
    /// What the name led to when it was last looked at.
    private var object: NamespaceObject
    private var nextAttempt: Int64 = 0
    private var pause: Int64 = 0
    private var lastFailure = ""
    private var sightings: [NamespaceSighting]?
    private var searchDue: Int64 = 0

    init(_ care: NamespaceCare, _ daemon: Daemon) throws(SystemError) {
        self.care = care
        self.daemon = daemon
        object = .networkNamespace(inode: daemon.gatewatch.namespaceInode ?? 0)
        // A path of a process leads to whoever gets the process's number later.
        guard !care.path.hasPrefix("/proc/") else { return }
        watch = try NameWatch(care.path, daemon.loop) { [unowned self] in self.look() }
    }

    /// Stays where it is from here on.
    func stop() {
        watch = nil
    }

    /// Where the daemon lives and what is wrong there, as `gatewatch namespace show` says it.
    func status() -> NamespaceStatus {
        let inode = daemon.gatewatch.namespaceInode ?? 0
        var status = NamespaceStatus(path: care.path, inode: inode)
        let finding = finding(inode)
        status.code = finding?.code
        status.cause = finding?.cause
        status.nextStep = finding?.nextStep
        return status
    }

    /// All processes are searched every ten seconds at most, however often somebody asks.
    private func finding(_ inode: UInt64) -> Finding? {
        let now = Clock.monotonicNanoseconds()
        if now >= searchDue { sightings = nil }
        let evidence = care.evidence(held: inode, sightings: sightings)
        if sightings == nil { searchDue = now + 10_000_000_000 }
        sightings = evidence.sightings
        return NamespaceDiagnosis.primary(evidence)?.finding
    }

    private func look() {
        let inode = daemon.gatewatch.namespaceInode ?? 0
        let seen = care.object()
        defer { object = seen }
        switch seen {
        case .networkNamespace(inode):
            if object != seen { tell("\(care.path) leads to \(name(inode)) again") }
        case .networkNamespace(let other): move(from: inode, to: other)
        case .nothing, .danglingLink, .plainFile, .directory, .otherNamespace, .somethingElse,
            .outOfReach, .failing:
            if case .networkNamespace = object { tellOfLoss(inode) }
        }
    }

    private func tellOfLoss(_ inode: UInt64) {
        let finding = finding(inode)
        let stay = "sessions and routes stay in \(name(inode))"
        daemon.record(
            .daemon, cause: (finding.map { "\($0.cause) [\($0.code)]; " } ?? "") + stay)
        daemon.logger.warning("\(stay): \(finding?.line ?? care.path)")
    }

    private func move(from old: UInt64, to new: UInt64) {
        let now = Clock.monotonicNanoseconds()
        if object != .networkNamespace(inode: new) { (pause, nextAttempt) = (0, 0) }
        guard now >= nextAttempt else { return }
        do throws(GatewatchError) {
            guard try daemon.gatewatch.move(toNamespaceAt: care.path) else { return }
            lastFailure = ""
            tell(
                "\(care.path) is another namespace now: sessions and routes moved from "
                    + "\(name(old)) to \(name(daemon.gatewatch.namespaceInode ?? new))")
        } catch {
            pause = min(max(pause * 2, 1_000_000_000), Self.longestPause)
            nextAttempt = now + pause
            tell(refusal: DaemonError(error), new)
        }
    }

    private func tell(refusal: DaemonError, _ inode: UInt64) {
        let finding =
            switch refusal {
            case .finding(let finding): finding
            }
        guard finding.line != lastFailure else { return }
        lastFailure = finding.line
        let text = "\(care.path) is \(name(inode)) now, and cannot be moved to: "
        daemon.record(.daemon, cause: "\(text)\(finding.cause) [\(finding.code)]")
        daemon.logger.error("\(text)\(finding.line)")
    }

    private func tell(_ text: String) {
        daemon.record(.daemon, cause: text)
        daemon.logger.notice("\(text)")
    }

    private func name(_ inode: UInt64) -> String { "net:[\(inode)]" }
}
