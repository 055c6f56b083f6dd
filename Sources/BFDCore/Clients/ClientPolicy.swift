/// What a client of a session wants to hear (RFC 5882 §3).
public struct ClientPolicy: Sendable, Hashable, BitwiseCopyable {
    /// How long a failure is kept from the client: it hears nothing of a shorter one (§3.1).
    public var holdTime: Nanoseconds
    /// Whether the client notices by itself when its peer is gone.
    ///
    /// A routing protocol does, and takes AdminDown for no failure; a static route does not, and
    /// takes it for one (§3.2).
    public var hasOwnLiveness: Bool

    /// A policy; at once, and AdminDown is no failure, unless told otherwise.
    public init(holdTime: Nanoseconds = .zero, hasOwnLiveness: Bool = true) {
        self.holdTime = holdTime
        self.hasOwnLiveness = hasOwnLiveness
    }
}

/// What a client is told, with the change of state that it comes from.
///
/// The change carries the cause and diagnostic, the data protocol, and both C bits (RFC 5882 §4).
public enum ClientEvent: Sendable, BitwiseCopyable {
    /// The path works.
    case up(StateChange)
    /// The path has failed.
    case down(StateChange)
    /// BFD was switched off at one end: no failure, and nothing is known of the path.
    case adminDown(StateChange)
}

extension StateChange {
    /// Whether the change is a failure of the path, and not somebody's decision (RFC 5882 §4.2).
    public var isFailure: Bool {
        switch cause {
        case .handshake, .administrativelyEnabled, .pathRestored, .notUpInTime, .takenOver: false
        case .peerAdminDown, .administrativelyDisabled: false
        case .peerDown, .detectionTimeExpired, .pathDown, .forwardingPlaneReset: true
        case .echoFailed: true
        }
    }

    /// Whether the change comes from AdminDown at either end.
    public var isAdministrative: Bool {
        switch cause {
        case .peerAdminDown, .administrativelyDisabled: true
        case .handshake, .administrativelyEnabled, .pathRestored, .notUpInTime, .peerDown: false
        case .takenOver: false
        case .detectionTimeExpired, .pathDown, .forwardingPlaneReset, .echoFailed: false
        }
    }

    /// Whether a failure ends a graceful restart of the peer's control plane (RFC 5882 §4.3).
    ///
    /// With C at both ends BFD would have survived it, so the path itself must have failed.
    public var abortsGracefulRestart: Bool {
        isFailure && isControlPlaneIndependent && isRemoteControlPlaneIndependent
    }
}

extension Session {
    /// Whether a control protocol may form or keep an adjacency over the path (RFC 5882 §4.1).
    ///
    /// AdminDown at either end allows it. Otherwise a session that is not Up forbids it when both
    /// ends are willing to run BFD: `isPeerWilling` is what the control protocol knows of that, or
    /// `nil`, and then a peer that has been heard is.
    public func allowsAdjacency(isPeerWilling: Bool? = nil) -> Bool {
        switch state {
        case .up, .adminDown: true
        case .down, .initializing:
            remoteState == .adminDown || !(isPeerWilling ?? (counters.received > 0))
        }
    }
}
