/// Something that happened, as `events` shows it.
public struct EventRecord: Codable, Sendable, Hashable {
    /// What an event is about.
    public enum Kind: String, Codable, Sendable, Hashable, CaseIterable {
        /// A session changed state.
        case session
        /// A route changed.
        case route
        /// The daemon started, stopped, or noticed something.
        case daemon
    }

    /// Counts the daemon's events from 1 on, without gaps.
    public var sequence: UInt64
    /// When it happened.
    public var time: Timestamp
    /// What it is about.
    public var kind: Kind
    /// The peer's name, for a session.
    public var peer: String?
    /// The prefix, for a route.
    public var prefix: String?
    /// The state before: a `SessionStateName` or `RouteStateName`.
    public var oldState: String?
    /// The state after.
    public var newState: String?
    /// bfd.LocalDiag after a session's change.
    public var localDiagnostic: DiagnosticName?
    /// Why, for people.
    public var cause: String

    /// An event by its parts.
    public init(
        sequence: UInt64, time: Timestamp, kind: Kind, peer: String? = nil,
        prefix: String? = nil, oldState: String? = nil, newState: String? = nil,
        localDiagnostic: DiagnosticName? = nil, cause: String
    ) {
        self.sequence = sequence
        self.time = time
        self.kind = kind
        self.peer = peer
        self.prefix = prefix
        self.oldState = oldState
        self.newState = newState
        self.localDiagnostic = localDiagnostic
        self.cause = cause
    }

    private enum CodingKeys: String, CodingKey {
        case sequence
        case time
        case kind = "type"
        case peer
        case prefix
        case oldState = "old-state"
        case newState = "new-state"
        case localDiagnostic = "local-diagnostic"
        case cause
    }
}
