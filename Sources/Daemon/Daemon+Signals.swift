internal import BFDCore
internal import BFDDriver
internal import ControlProtocol
internal import Gatewatch
internal import Logging

extension Daemon {
    /// Tells a peer's session what a control client knows.
    func tell(_ signal: PeerSignal, to name: String) throws(Failure) -> SignalReport {
        try refuseWhileStopping()
        if signal == .reset { try reset(name) }
        for part in SessionSignal.parts(of: signal) {
            do throws(GatewatchError) {
                try gatewatch.signal(part, peer: name)
            } catch {
                if signal == .clear, case .driver(.engine(.notUp)) = error { continue }
                throw Self.refusal(of: signal, name, error)
            }
        }
        let cause = "\(signal.rawValue): \(signal.causeText)"
        record(.session, peer: name, cause: cause)
        if signal != .verify { lastCauses[name] = LastCause(text: cause) }
        logger.notice("peer \(name): signal \(cause)")
        return SignalReport(name: name, signal: signal)
    }

    /// AdminDown and up again: for the peer no failure of the path.
    private func reset(_ name: String) throws(Failure) {
        let peer = try snapshot().peers.first { $0.configuration.name == name }
        guard let peer else { throw .unknownPeer(name) }
        if drain != nil { throw .drained }
        guard !peer.configuration.session.isAdministrativelyDown else {
            throw Failure(
                code: .notPossible, message: "peer \(name) is disabled, so nothing can begin anew",
                nextStep: "Enable it with: gatewatch peer enable \(name)")
        }
        do throws(GatewatchError) {
            try gatewatch.setAdministrativelyDown(true, peer: name)
            try gatewatch.setAdministrativelyDown(false, peer: name)
        } catch {
            throw .unknownPeer(name)
        }
    }

    private static func refusal(
        of signal: PeerSignal, _ name: String, _ error: GatewatchError
    ) -> Failure {
        switch error {
        case .unknownPeer: .unknownPeer(name)
        case .driver(.engine(.notUp)):
            Failure(
                code: .notPossible,
                message: "the session of \(name) is not up, so it can tell its peer of no path "
                    + "beyond",
                nextStep: "See why with: gatewatch status \(name)")
        case .driver(.engine(.unknownSession)):
            Failure(
                code: .notPossible, message: "the session of \(name) is going away",
                nextStep: "See what is left with: gatewatch status")
        case .driver, .routes, .nameInUse:
            Failure(
                code: .internal,
                message: "\(signal.rawValue) was refused: \(DaemonError(error).description)",
                nextStep: "See the daemon's log.")
        }
    }
}

extension SessionSignal {
    /// What the engine is told, one after the other.
    fileprivate static func parts(of signal: PeerSignal) -> [SessionSignal] {
        switch signal {
        case .pathDown: [.pathDown(true)]
        case .pathUp: [.pathDown(false)]
        case .concatenatedPathDown: [.concatenatedPathDown]
        case .reverseConcatenatedPathDown: [.reverseConcatenatedPathDown]
        case .concatenatedPathUp: [.concatenatedPathRestored]
        case .forwardingPlaneReset: [.forwardingPlaneReset]
        case .verify: [.verify]
        case .hold: [.hold(requiredMinRxInterval: nil)]
        case .release: [.release]
        case .clear: [.pathDown(false), .release, .concatenatedPathRestored]
        // The daemon itself does that.
        case .reset: []
        }
    }
}
