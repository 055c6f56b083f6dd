/// What an operator, or a program that knows more of a path than BFD does, tells a peer's session.
public enum PeerSignal: String, Codable, Sendable, Hashable, CaseIterable {
    /// Something else knows that the path is down: AdminDown with the diagnostic Path Down.
    case pathDown = "path-down"
    /// The path is back.
    case pathUp = "path-up"
    /// A path beyond the peer's is down in our direction; the session stays Up.
    case concatenatedPathDown = "concatenated-path-down"
    /// A path beyond the peer's is down in the other direction; the session stays Up.
    case reverseConcatenatedPathDown = "reverse-concatenated-path-down"
    /// Paths beyond the peer's are up again.
    case concatenatedPathUp = "concatenated-path-up"
    /// Our forwarding state was lost: the session goes Down and comes up anew.
    case forwardingPlaneReset = "forwarding-plane-reset"
    /// Prove by a Poll Sequence that the peer is there.
    case verify
    /// Stay Down until released.
    case hold
    /// Leave Down when the peer wants it.
    case release
    /// Take back whatever the other signals said.
    case clear
    /// Begin anew: AdminDown for a moment, then up again as at the start.
    case reset

    /// What it says of the session, for events and status.
    public var causeText: String {
        switch self {
        case .pathDown: "the path was reported down from outside BFD"
        case .pathUp: "the path is no longer reported down"
        case .concatenatedPathDown: "a path beyond was reported down"
        case .reverseConcatenatedPathDown: "a path beyond was reported down, towards us"
        case .concatenatedPathUp: "paths beyond are no longer reported down"
        case .forwardingPlaneReset: "our forwarding plane was reset"
        case .verify: "the peer is asked to answer"
        case .hold: "held down by an operator"
        case .release: "no longer held down by an operator"
        case .clear: "what was reported from outside BFD is taken back"
        case .reset: "begun anew by an operator"
        }
    }
}
