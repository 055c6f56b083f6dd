public import BFDCore
public import BFDDriver
public import RouteController

/// Something an agent may want to know.
public enum Event: Sendable {
    /// A session changed its state.
    case session(peer: String, StateChange)
    /// What the peer's client is told (RFC 5882 §3): failures that last, AdminDown kept apart.
    case client(peer: String, ClientEvent)
    /// A peer has started a session (RFC 9468) and is known by this name while it lasts.
    case created(peer: String)
    /// A removed session has told its peer, and is gone.
    case removed(peer: String)
    /// A route changed, or could not be changed.
    case route(RouteEvent)
    /// Something works less well than asked for, said once.
    case warning(String)
    /// So many events could not be kept; `sessions()` and `routes()` tell their sum.
    case lost(Int)
}

/// Why something could not be done.
public enum GatewatchError: Error, Sendable {
    /// The engine thread could not start, or refused.
    case driver(DriverError)
    /// The route thread could not start.
    case routes(RouteControllerError)
    /// A peer has that name already.
    case nameInUse(String)
    /// No peer has that name.
    case unknownPeer(String)
}

/// A session with its peer's name, as it stood at one moment.
public struct PeerSnapshot: Sendable {
    /// The peer as configured.
    public let configuration: PeerConfiguration
    /// The session.
    public let snapshot: SessionSnapshot
}

/// All sessions at one moment.
public struct SessionsSnapshot: Sendable {
    /// The sessions, in the order they were added.
    public let peers: [PeerSnapshot]
    /// What was dropped before a session had been selected.
    public let discards: DiscardCounters
    /// How well the packet path keeps up.
    public let punctuality: Punctuality
    /// Packets that were discarded lately, one for each sender and reason at most.
    public let samples: [DiscardSample]
    /// The present, for reading the moments above.
    public let now: Instant
}
