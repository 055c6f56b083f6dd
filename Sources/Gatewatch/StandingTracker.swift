internal import BFDCore
internal import BFDDriver
internal import RouteCore

/// Turns state changes into what routes care about (RFC 5882 §4.2 and §5).
///
/// A session that has not been Up since the start has not failed. AdminDown at either end is no
/// failure, and stays that until the session is Up again.
struct StandingTracker {
    private var standings: [PeerID: SessionStanding] = [:]

    /// The new standing, or `nil` when the change means nothing to routes.
    mutating func apply(_ change: StateChange, to peer: PeerID) -> SessionStanding? {
        let previous = standings[peer] ?? .startingUp
        let next = Self.standing(after: change, previous)
        standings[peer] = next
        return next == previous ? nil : next
    }

    /// Sets a standing that no state change told of.
    mutating func set(_ standing: SessionStanding, for peer: PeerID) {
        standings[peer] = standing
    }

    mutating func forget(_ peer: PeerID) {
        standings[peer] = nil
    }

    private static func standing(
        after change: StateChange, _ previous: SessionStanding
    ) -> SessionStanding {
        switch change.to {
        case .up: return .up
        case .adminDown: return change.cause == .pathDown ? .failed : .administrativelyDown
        case .initializing: return previous
        case .down: break
        }
        switch change.cause {
        case .peerAdminDown, .administrativelyDisabled: return .administrativelyDown
        case .administrativelyEnabled, .pathRestored, .handshake, .notUpInTime: return previous
        case .peerDown, .detectionTimeExpired, .pathDown, .forwardingPlaneReset:
            return previous == .up ? .failed : previous
        }
    }
}
