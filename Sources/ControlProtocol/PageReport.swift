/// What the status page shows: facts of `version`, `status`, `routes` and `events`, no secret, and
/// no more of each session than a line of a table.
public struct PageReport: Codable, Sendable, Hashable {
    /// When it was made; everything else is to be read as of then.
    public var time: Timestamp
    /// After how long it is worth asking again.
    public var refreshMilliseconds: Int
    /// What the machine calls itself; nil where nobody can say.
    public var host: String?
    /// Who answers.
    public var version: VersionReport
    /// Counts over all sessions.
    public var summary: SessionSummary
    /// All sessions, in configuration order.
    public var sessions: [PageSession]
    /// All routes, in configuration order.
    public var routes: [RouteStatus]
    /// What happened to routes since the start.
    public var routeChanges: RouteChanges?
    /// The last events, the oldest first.
    public var events: EventsPage
    /// How well the daemon keeps up with all sessions.
    public var punctuality: PunctualityStatus?
    /// How many packets there have been.
    public var packets: PagePackets
    /// Where sessions and routes live; nil for the namespace that the daemon was started in.
    public var namespace: NamespaceStatus?
    /// Whether the node is drained.
    public var isDrained: Bool
    /// Whether the configuration in force is the one that is written; nil without one.
    public var configuration: PageConfiguration?

    /// How many events it has at most.
    public static var eventCount: UInt64 { 200 }

    /// A report of what the daemon answered at `time`.
    public init(
        _ version: VersionReport, _ status: StatusReport, _ routes: RoutesReport,
        _ events: EventsPage, time: Timestamp, refreshMilliseconds: Int
    ) {
        self.time = time
        self.refreshMilliseconds = refreshMilliseconds
        self.version = version
        self.events = events
        summary = status.summary
        sessions = status.sessions.map { PageSession($0) }
        self.routes = routes.routes
        routeChanges = routes.changes
        punctuality = status.punctuality
        packets = PagePackets(status)
        namespace = status.namespace
        isDrained = status.isDrained ?? false
        configuration = status.configuration.map { PageConfiguration($0) }
    }

    private enum CodingKeys: String, CodingKey {
        case time
        case refreshMilliseconds = "refresh-milliseconds"
        case host
        case version
        case summary
        case sessions
        case routes
        case routeChanges = "route-changes"
        case events
        case punctuality
        case packets
        case namespace
        case isDrained = "drained"
        case configuration
    }
}

/// How many packets there have been, over all sessions there are.
public struct PagePackets: Codable, Sendable, Hashable {
    /// Packets accepted.
    public var received: UInt64
    /// Packets sent.
    public var sent: UInt64
    /// Packets discarded, those that belonged to no session included.
    public var discarded: UInt64

    init(_ status: StatusReport) {
        received = status.sessions.reduce(0) { $0 &+ $1.statistics.receivedPacketCount }
        sent = status.sessions.reduce(0) { $0 &+ $1.statistics.sentPacketCount }
        discarded = status.sessions.reduce(status.discards.values.reduce(0, &+)) { sum, session in
            session.discards.values.reduce(sum, &+)
        }
    }

    private enum CodingKeys: String, CodingKey {
        case received = "receive-packet-count"
        case sent = "send-packet-count"
        case discarded = "discard-packet-count"
    }
}

/// How the configuration in force stands to its file. Mistakes are counted, not quoted: a file may
/// hold what is nobody's business.
public struct PageConfiguration: Codable, Sendable, Hashable {
    /// Since when what runs is in force.
    public var since: Timestamp
    /// How many mistakes keep the file as it is now from being in force.
    public var errorCount: Int
    /// When they were found.
    public var refusedAt: Timestamp?
    /// Keys whose values in the file only a restart takes over.
    public var needsRestart: [String]
    /// How many peers were changed at run time and are in no file so.
    public var unsavedCount: Int

    init(_ status: ConfigurationStatus) {
        since = status.since
        errorCount = status.errors.count
        refusedAt = status.refusedAt
        needsRestart = status.needsRestart
        unsavedCount = status.unsaved.count
    }

    private enum CodingKeys: String, CodingKey {
        case since
        case errorCount = "error-count"
        case refusedAt = "refused-at"
        case needsRestart = "needs-restart"
        case unsavedCount = "unsaved-count"
    }
}
