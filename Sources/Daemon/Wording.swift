internal import BFDCore
internal import ControlProtocol

extension SessionStateName {
    init(_ state: SessionState) {
        switch state {
        case .adminDown: self = .adminDown
        case .down: self = .down
        case .initializing: self = .initializing
        case .up: self = .up
        }
    }

    /// The word that people know from the RFC and from other daemons.
    var label: String {
        switch self {
        case .adminDown: "AdminDown"
        case .down: "Down"
        case .initializing: "Init"
        case .up: "Up"
        }
    }
}

extension StateChange {
    /// Why, in words an operator can act on.
    var causeText: String {
        switch cause {
        case .handshake:
            return to == .up ? "both ends hear each other" : "the peer is heard"
        case .peerDown:
            return "the peer says Down, its diagnostic is \(remoteDiagnosticText)"
                + (remoteDiagnostic == .controlDetectionTimeExpired ? ownLatenessText : "")
        case .peerAdminDown:
            return "the peer is administratively down"
        case .detectionTimeExpired:
            let silence = (at - lastReceived).count / 1_000
            return "control detection time expired: nothing valid heard for "
                + DurationText.exact(microseconds: UInt64(max(silence, 0))) + ownLatenessText
        case .administrativelyDisabled: return "disabled by an operator"
        case .administrativelyEnabled: return "enabled by an operator"
        case .echoFailed: return "the peer no longer sends our Echo packets back"
        case .notUpInTime: return "the peer asked for the session and did not come up"
        case .takenOver: return "taken over from the process before"
        case .pathDown: return "the path was reported down from outside BFD"
        case .pathRestored: return "the path is no longer reported down"
        case .forwardingPlaneReset: return "our forwarding plane was reset"
        }
    }

    /// Whether it was rather our fault.
    private var ownLatenessText: String {
        guard ownLatenessMicroseconds > 0 else { return "" }
        let milliseconds = ownLatenessMicroseconds / 1_000
        return milliseconds > 0
            ? ", and we were late by \(milliseconds) ms"
            : ", and we were late by \(ownLatenessMicroseconds) µs"
    }

    private var remoteDiagnosticText: String {
        DiagnosticName(wireValue: remoteDiagnostic.rawValue).description
    }
}
