public import BFDCore

/// What the world outside BFD tells a session, or asks of it.
public enum SessionSignal: Sendable, Hashable {
    /// Prove by a Poll Sequence that the peer is there (RFC 5880 §6.6).
    case verify
    /// Our forwarding state was lost (RFC 5880 §6.8.15).
    case forwardingPlaneReset
    /// Something else knows that the path is down, or up again (RFC 5880 §6.8.16).
    case pathDown(Bool)
    /// A path beyond this one is down, seen in our direction; the peer is told without leaving Up.
    case concatenatedPathDown
    /// A path beyond this one is down, seen in the other direction.
    case reverseConcatenatedPathDown
    /// Paths beyond this one are up again.
    case concatenatedPathRestored
    /// Both intervals become at least this long, before a planned restart (RFC 5882 §4.3).
    case lengthenIntervals(Microseconds)
    /// The intervals are the configured ones again.
    case restoreIntervals
    /// Stay Down until further notice (RFC 5880 §6.8.18); the interval stands in for the configured
    /// receive interval, zero silences the peer.
    case hold(requiredMinRxInterval: Microseconds?)
    /// Leave Down when the peer wants it.
    case release
    /// Go Down, tell the peer this, and stay there until `release`.
    case forceDown(Diagnostic)

    /// Tells a session of an engine.
    public func apply(
        to engine: inout Engine, _ handle: SessionHandle, at now: Instant
    ) throws(EngineError) {
        switch self {
        case .verify: try engine.verify(handle, at: now)
        case .forwardingPlaneReset: try engine.resetForwardingPlane(handle, at: now)
        case .pathDown(let isDown): try engine.setPathDown(isDown, handle, at: now)
        case .concatenatedPathDown:
            try engine.setConcatenatedPathDiagnostic(.concatenatedPathDown, handle, at: now)
        case .reverseConcatenatedPathDown:
            try engine.setConcatenatedPathDiagnostic(
                .reverseConcatenatedPathDown, handle, at: now)
        case .concatenatedPathRestored:
            try engine.setConcatenatedPathDiagnostic(nil, handle, at: now)
        case .lengthenIntervals(let interval):
            try engine.setIntervalFloor(interval, handle, at: now)
        case .restoreIntervals: try engine.setIntervalFloor(nil, handle, at: now)
        case .hold(let interval):
            try engine.setHeldDown(true, handle, requiredMinRxInterval: interval, at: now)
        case .release: try engine.setHeldDown(false, handle, at: now)
        case .forceDown(let diagnostic): try engine.forceDown(diagnostic, handle, at: now)
        }
    }
}
