internal import BFDCore
internal import BFDDriver
internal import ControlProtocol
internal import EventLoop
internal import Gatewatch
internal import Glibc
internal import LinuxSystem
internal import Logging

/// An orderly stop under way: peers are being told.
final class Shutdown {
    private let timer: DeadlineTimer
    private var watcher: DescriptorWatcher?

    /// Calls `whenOver` after a span.
    init(
        lasting span: Nanoseconds, _ loop: EventLoop, whenOver: @escaping () -> Void
    ) throws(SystemError) {
        timer = try DeadlineTimer()
        timer.arm(at: Clock.monotonicNanoseconds() + span.count)
        watcher = DescriptorWatcher(loop, descriptor: timer.descriptor, handler: whenOver)
    }
}

extension Daemon {
    /// Routes first, then AdminDown for long enough that peers have moved; the second signal ends
    /// it at once. A restart by the service manager needs none of that.
    func stop(by signal: Int32) {
        let name = signal == SIGTERM ? "SIGTERM" : "SIGINT"
        guard shutdown == nil else {
            logger.notice("\(name) again: stopping at once")
            loop.stop()
            return
        }
        if signal == SIGTERM, isBeingRestarted { return makeRoom() }
        isStopping = true
        follower?.stop()
        memory.end()
        DrainMark.erase(in: configuration.stateDirectory)
        record(.daemon, cause: "stopping: \(name)")
        logger.info("stopping: \(name)")
        releaseRoutes()
        let hold = tellPeers()
        supervision.stop(within: hold)
        guard hold > .zero else { return loop.stop() }
        logger.info("AdminDown for \(hold.count / 1_000_000) ms, so that peers have moved")
        do throws(SystemError) {
            shutdown = try Shutdown(lasting: hold, loop) { [unowned self] in self.loop.stop() }
        } catch {
            loop.stop()
        }
    }

    /// Ends the routes' dependence on sessions, before these are taken down on purpose.
    private func releaseRoutes() {
        do throws(GatewatchError) {
            switch configuration.stopRoutes {
            case .keep:
                try gatewatch.keepRoutes()
                logger.info("routes are kept")
            case .withdraw:
                try gatewatch.withdrawRoutes()
            }
        } catch {
            logger.error("routes could not be released: \(DaemonError(error))")
        }
    }

    /// Disables all sessions; how long to go on saying so. Nothing when no peer is there to hear.
    private func tellPeers() -> Nanoseconds {
        // OVN acts upon silence sooner than upon AdminDown, and a beacon has but five seconds.
        guard beacon == nil, let snapshot = try? gatewatch.sessions() else { return .zero }
        var longest = Nanoseconds.zero
        var isAnyoneThere = false
        for peer in snapshot.peers {
            let session = peer.snapshot.session
            let isHeard = session.remoteDiscriminator != 0
            if isHeard, !session.isUnaffiliatedEcho { isAnyoneThere = true }
            // Nobody has to be waited for who has moved already.
            if isHeard, !session.hasPeerMoved {
                longest = max(longest, session.remoteDetectionTime)
            }
            try? gatewatch.setAdministrativelyDown(true, peer: peer.configuration.name)
        }
        guard isAnyoneThere else { return .zero }
        let hold = max(longest, configuration.stopHold)
        // Whoever was told at a drain has had that time already.
        guard let drain else { return hold }
        let told = Nanoseconds(Clock.monotonicNanoseconds() - drain.began)
        return told < hold ? hold - told : .zero
    }
}
