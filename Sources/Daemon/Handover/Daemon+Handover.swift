internal import BFDDriver
internal import ControlProtocol
internal import EventLoop
internal import Gatewatch
internal import Glibc
internal import LinuxSystem
internal import Logging

extension Daemon {
    /// Why nobody can go on with the sessions now; nil when one can.
    var reasonAgainstHandover: String? {
        if shutdown != nil { return "the daemon is stopping" }
        if drain != nil { return "the node is drained; take it back with \"gatewatch undrain\"" }
        if configuration.realTime.threadCount > 1 {
            return "sessions on several engine threads cannot be handed over"
        }
        return nil
    }

    var handoverTerms: HandoverTerms {
        HandoverTerms(
            processID: getpid(), version: ProductVersion.text,
            overlay: keeper?.overlay ?? PeerOverlay(),
            service: ServiceTerms(supervision.notifier))
    }

    var handoverHistory: HandoverHistory {
        HandoverHistory(
            events: log.all, lastSequence: log.lastSequence, lastCauses: lastCauses)
    }

    /// Opens the door for a successor; without one, a restart begins anew.
    func openHandoverDoor() {
        do throws(SystemError) {
            door = try HandoverDoor(self)
        } catch {
            logger.warning("no handover to another process: \(error)")
        }
    }

    /// Has sessions stand still; nil when that is not possible.
    func freeze() -> EngineHandover? {
        do throws(GatewatchError) {
            return try gatewatch.freeze()
        } catch {
            logger.error("not handed over: \(DaemonError(error))")
            return nil
        }
    }

    /// Goes on, because the successor did not.
    func thaw(after error: SystemError) {
        gatewatch.thaw()
        record(.daemon, cause: "not handed over, going on: \(error)")
        logger.warning("not handed over, going on: \(error)")
    }

    /// Ends without a word: sessions and routes are another process's.
    func endAfterHandover() {
        isHandedOver = true
        logger.notice("sessions, sockets and routes are handed over")
        loop.stop()
    }

    /// Ends as if it had been killed: routes stay, and peers wait for their detection time.
    func leave() {
        logger.notice("leaving for a daemon of another version: routes stay, sessions are kept")
        // It opens them anew.
        sockets.end()
        loop.stop()
    }

    /// Has sessions served here that have been taken over, and the other process end.
    func finishTakeOver(_ predecessor: Predecessor, _ count: Int) throws(DaemonError) {
        try predecessor.release()
        do throws(GatewatchError) {
            try gatewatch.finishTakeOver()
        } catch {
            throw DaemonError(error)
        }
        if let history = predecessor.takeHistory() {
            log.goOn(from: history.events, history.lastSequence)
            lastCauses.merge(history.lastCauses) { _, old in old }
        } else {
            logger.warning("the events of the daemon before are lost")
        }
        keeper?.overlay = predecessor.terms.overlay
        serveMetricsOnceFree()
        let text =
            "took \(count) sessions over from process \(predecessor.terms.processID), "
            + "version \(predecessor.terms.version)"
        record(.daemon, cause: text)
        logger.notice("\(text)")
    }

    /// Takes the metrics port that the process before gives back when it ends.
    private func serveMetricsOnceFree() {
        guard let metrics = configuration.metrics else { return }
        let deadline = Clock.monotonicNanoseconds() + 3_000_000_000
        while true {
            do throws(DaemonError) {
                return try MetricsServer.start(metrics, server.questions, service, logger)
            } catch {
                guard Clock.monotonicNanoseconds() < deadline else {
                    logger.error("\(error)")
                    return
                }
                usleep(20_000)
            }
        }
    }
}
