internal import BFDCore
internal import BFDDriver
internal import ControlProtocol
internal import Gatewatch
internal import LinuxSystem
internal import Logging
internal import RouteController

/// A node that is out of service: no routes, and every session AdminDown on our side.
struct Drain {
    /// Peers that an operator had disabled before; they stay that afterwards.
    let disabled: Set<String>
    /// When the peers were told, in monotonic nanoseconds.
    let began: Int64
    /// How long each peer that was heard then may take to move, in nanoseconds.
    let patience: [String: Int64]

    /// Those that have not moved yet.
    ///
    /// A peer has moved when it says Down or AdminDown itself, when it is not heard any more, or
    /// when it would have given us up for our silence. Word from us reaches the routes of OVN up to
    /// five seconds after that (`slow`).
    func waiting(_ snapshot: SessionsSnapshot, at now: Int64) -> [DrainReport.WaitingPeer] {
        snapshot.peers.compactMap { peer in
            let name = peer.configuration.name
            guard let span = patience[name] else { return nil }
            let session = peer.snapshot.session
            let left = began + span - now
            let isSlow = peer.configuration.session.acceptsStaleDiscriminator
            guard left > 0, isSlow || !session.hasPeerMoved else { return nil }
            return DrainReport.WaitingPeer(
                name: name, remoteState: SessionStateName(session.remoteState),
                remainingMilliseconds: (left + 999_999) / 1_000_000)
        }
    }
}

extension Session {
    /// Whether the peer does not take us for Up any more, as far as it says.
    var hasPeerMoved: Bool {
        switch remoteState {
        case .adminDown, .down: true
        case .initializing, .up: remoteDiscriminator == 0
        }
    }
}

extension Failure {
    /// One session does not come back alone.
    static var drained: Failure {
        Failure(
            code: .notPossible, message: "the node is drained: all sessions are out of service",
            nextStep: "Take it back into service with: gatewatch undrain")
    }
}

extension Daemon {
    private static var slowPatience: Int64 { 6_000_000_000 }

    /// Takes the node out of service: routes first, then all sessions.
    func drainNode() throws(Failure) -> DrainReport {
        try refuseWhileStopping()
        guard drain == nil else { return try drainProgress() }
        let before = try snapshot()
        do throws(GatewatchError) {
            try gatewatch.withdrawRoutes()
        } catch {
            throw .refused(DaemonError(error))
        }
        var patience: [String: Int64] = [:]
        for peer in before.peers {
            let session = peer.snapshot.session
            guard session.remoteDiscriminator != 0, !session.isUnaffiliatedEcho,
                !peer.configuration.session.isAdministrativelyDown
            else { continue }
            let isSlow = peer.configuration.session.acceptsStaleDiscriminator
            patience[peer.configuration.name] = max(
                session.remoteDetectionTime.count, isSlow ? Self.slowPatience : 0)
        }
        let disabled = Set(
            before.peers.filter(\.configuration.session.isAdministrativelyDown)
                .map(\.configuration.name))
        DrainMark(disabled: disabled).write(in: configuration.stateDirectory, logger)
        drain = Drain(
            disabled: disabled,
            began: Clock.monotonicNanoseconds(), patience: patience)
        for peer in before.peers {
            try? gatewatch.setAdministrativelyDown(true, peer: peer.configuration.name)
        }
        record(.daemon, cause: "drained by an operator: routes are withdrawn, peers are told")
        logger.notice("drained by an operator: routes are withdrawn, peers are told")
        var report = try drainProgress()
        report.hasChanged = true
        return report
    }

    /// How far the peers have moved.
    func drainProgress() throws(Failure) -> DrainReport {
        guard let drain else { return DrainReport(isDrained: false) }
        let waiting = drain.waiting(try snapshot(), at: Clock.monotonicNanoseconds())
        return DrainReport(
            isDrained: true, peerCount: drain.patience.count,
            movedCount: drain.patience.count - waiting.count, waiting: Array(waiting.prefix(20)))
    }

    /// Takes the node back into service: sessions come up, and routes follow them.
    func undrainNode() throws(Failure) -> DrainReport {
        try refuseWhileStopping()
        guard let previous = drain else { return DrainReport(isDrained: false) }
        let present = try snapshot()
        do throws(GatewatchError) {
            try gatewatch.resumeRoutes()
        } catch {
            throw .refused(DaemonError(error))
        }
        drain = nil
        DrainMark.erase(in: configuration.stateDirectory)
        for peer in present.peers where !previous.disabled.contains(peer.configuration.name) {
            try? gatewatch.setAdministrativelyDown(false, peer: peer.configuration.name)
        }
        record(.daemon, cause: "taken back into service by an operator")
        logger.notice("taken back into service by an operator")
        return DrainReport(isDrained: false, hasChanged: true)
    }
}
