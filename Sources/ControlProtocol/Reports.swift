/// Answers `version`: which daemon is at the other end.
public struct VersionReport: Codable, Sendable, Hashable {
    /// The daemon's version.
    public var version: String
    /// Its process.
    public var processID: Int32
    /// When it started.
    public var startTime: Timestamp
    /// The configured namespace; nil for the one it was started in.
    public var namespace: String?

    /// A report by its parts.
    public init(version: String, processID: Int32, startTime: Timestamp, namespace: String?) {
        self.version = version
        self.processID = processID
        self.startTime = startTime
        self.namespace = namespace
    }

    private enum CodingKeys: String, CodingKey {
        case version
        case processID = "process-id"
        case startTime = "start-time"
        case namespace
    }
}

/// Answers `status`: sessions, how many are in which state, and what no session got.
public struct StatusReport: Codable, Sendable, Hashable {
    /// All sessions in configuration order, or the one that was asked for.
    public var sessions: [SessionStatus]
    /// Counts over all sessions of the daemon.
    public var summary: SessionSummary
    /// Packets discarded before a session was found, by reason; only reasons that occurred.
    public var discards: [String: UInt64]
    /// How well the daemon keeps up with all sessions.
    public var punctuality: PunctualityStatus?
    /// The links that are not changed.
    public var linkGuard: LinkGuardStatus?
    /// Where sessions and routes live; nil for the namespace that the daemon was started in.
    public var namespace: NamespaceStatus?
    /// Which configuration is in force.
    public var configuration: ConfigurationStatus?
    /// Whether the node is drained.
    public var isDrained: Bool?
    /// What the daemon may do.
    public var privileges: PrivilegeStatus?
    /// Who is connected, and who was cut off.
    public var clients: ClientsStatus?

    /// A report by its parts.
    public init(sessions: [SessionStatus], summary: SessionSummary, discards: [String: UInt64]) {
        self.sessions = sessions
        self.summary = summary
        self.discards = discards
    }

    private enum CodingKeys: String, CodingKey {
        case sessions
        case summary
        case discards = "rx-discard"
        case punctuality
        case linkGuard = "link-guard"
        case namespace
        case configuration
        case isDrained = "drained"
        case privileges
        case clients
    }
}

/// How many sessions are in which state (RFC 9314's `summary`).
public struct SessionSummary: Codable, Sendable, Hashable {
    /// All sessions.
    public var sessionCount: Int
    /// Sessions that are Up.
    public var upCount: Int
    /// Sessions that are Down or Init.
    public var downCount: Int
    /// Sessions that are AdminDown on our side.
    public var administrativelyDownCount: Int

    /// A summary by its counts.
    public init(sessionCount: Int, upCount: Int, downCount: Int, administrativelyDownCount: Int) {
        self.sessionCount = sessionCount
        self.upCount = upCount
        self.downCount = downCount
        self.administrativelyDownCount = administrativelyDownCount
    }

    /// Counts sessions by their local state.
    public init(counting sessions: [SessionStatus]) {
        self.init(
            sessionCount: sessions.count,
            upCount: sessions.count { $0.running.localState == .up },
            downCount: sessions.count {
                $0.running.localState == .down || $0.running.localState == .initializing
            },
            administrativelyDownCount: sessions.count { $0.running.localState == .adminDown })
    }

    private enum CodingKeys: String, CodingKey {
        case sessionCount = "number-of-sessions"
        case upCount = "number-of-sessions-up"
        case downCount = "number-of-sessions-down"
        case administrativelyDownCount = "number-of-sessions-admin-down"
    }
}

/// Answers `peer-enable` and `peer-disable`.
public struct PeerReport: Codable, Sendable, Hashable {
    /// The peer's name.
    public var name: String
    /// Whether its session is AdminDown now.
    public var isAdministrativelyDown: Bool
    /// Whether it was otherwise before.
    public var hasChanged: Bool

    /// A report by its parts.
    public init(name: String, isAdministrativelyDown: Bool, hasChanged: Bool) {
        self.name = name
        self.isAdministrativelyDown = isAdministrativelyDown
        self.hasChanged = hasChanged
    }

    private enum CodingKeys: String, CodingKey {
        case name
        case isAdministrativelyDown = "admin-down"
        case hasChanged = "changed"
    }
}

/// Answers `peer-signal`.
public struct SignalReport: Codable, Sendable, Hashable {
    /// The peer's name.
    public var name: String
    /// What its session was told.
    public var signal: PeerSignal

    /// A report by its parts.
    public init(name: String, signal: PeerSignal) {
        self.name = name
        self.signal = signal
    }
}
