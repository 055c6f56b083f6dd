public import BFDCore

/// One session as RFC 9314 names its parts, plus our own `name`, discards, cause and routes.
public struct SessionStatus: Codable, Sendable, Hashable {
    /// The peer's name in the configuration.
    public var name: String
    /// The peer's address.
    public var destinationAddress: String
    /// Our address, where one is configured.
    public var sourceAddress: String?
    /// The interface the session is bound to, where one is configured.
    public var interface: String?
    /// What kind of path is watched.
    public var pathType: PathType = .singleHop
    /// The TTL or hop limit of our packets, for sessions over several hops.
    public var transmitTTL: UInt8?
    /// The least TTL or hop limit accepted, for sessions over several hops.
    public var receiveTTL: UInt8?
    /// Configured interval of our Echo packets, where we send any.
    public var desiredMinEchoTxInterval: Microseconds?
    /// Configured interval of the peer's Echo packets, where we send them back.
    public var requiredMinEchoRxInterval: Microseconds?
    /// Whether our own packets come back from a peer without BFD (RFC 9747); nil where they do not.
    public var isUnaffiliatedEcho: Bool?
    /// The size of our IP packets, where they are padded (RFC 9764).
    public var pduSize: UInt16?
    /// Whether we speak first.
    public var role: SessionRole
    /// bfd.LocalDiscr.
    public var localDiscriminator: UInt32
    /// bfd.RemoteDiscr; 0 while the peer is not heard.
    public var remoteDiscriminator: UInt32
    /// The peer's Detect Mult; 0 before its first packet.
    public var remoteMultiplier: UInt8
    /// The UDP port we send from.
    public var sourcePort: UInt16
    /// The UDP port we send to.
    public var destinationPort: UInt16
    /// Configured bfd.DetectMult.
    public var localMultiplier: UInt8
    /// Configured bfd.DesiredMinTxInterval.
    public var desiredMinTxInterval: Microseconds
    /// Configured bfd.RequiredMinRxInterval.
    public var requiredMinRxInterval: Microseconds
    /// How packets are authenticated; nil for not at all.
    public var authentication: AuthenticationStatus?
    /// Whether Demand mode is configured.
    public var isDemandEnabled: Bool
    /// How often congestion has doubled the intervals in use; our own addition to RFC 9314.
    public var congestionLevel: UInt8
    /// Whether an operator took the session down.
    public var isAdministrativelyDown: Bool
    /// What runs now.
    public var running: SessionRunning
    /// What happened so far.
    public var statistics: SessionStatistics
    /// Discarded packets by reason; only reasons that occurred.
    public var discards: [String: UInt64]
    /// How well the daemon keeps up with this session; only where it alone was asked for.
    public var punctuality: PunctualityStatus?
    /// Why the session last changed state, for people; nil before the first change.
    public var lastCause: String?
    /// What about the session is not as it should be, for people; our own addition to RFC 9314.
    public var warnings: [String]
    /// Why the session is not Up; only where it alone was asked for.
    public var causes: [CauseReport]?
    /// Prefixes of the routes that hold a next hop through this peer.
    public var routes: [String]

    /// A status by its parts.
    public init(
        name: String, destinationAddress: String, sourceAddress: String?, interface: String?,
        role: SessionRole, localDiscriminator: UInt32, remoteDiscriminator: UInt32,
        remoteMultiplier: UInt8, sourcePort: UInt16, destinationPort: UInt16,
        localMultiplier: UInt8, desiredMinTxInterval: Microseconds,
        requiredMinRxInterval: Microseconds, isDemandEnabled: Bool = false,
        congestionLevel: UInt8 = 0, isAdministrativelyDown: Bool,
        running: SessionRunning, statistics: SessionStatistics, discards: [String: UInt64],
        lastCause: String?, warnings: [String] = [], routes: [String]
    ) {
        self.name = name
        self.destinationAddress = destinationAddress
        self.sourceAddress = sourceAddress
        self.interface = interface
        self.role = role
        self.localDiscriminator = localDiscriminator
        self.remoteDiscriminator = remoteDiscriminator
        self.remoteMultiplier = remoteMultiplier
        self.sourcePort = sourcePort
        self.destinationPort = destinationPort
        self.localMultiplier = localMultiplier
        self.desiredMinTxInterval = desiredMinTxInterval
        self.requiredMinRxInterval = requiredMinRxInterval
        self.isDemandEnabled = isDemandEnabled
        self.congestionLevel = congestionLevel
        self.isAdministrativelyDown = isAdministrativelyDown
        self.running = running
        self.statistics = statistics
        self.discards = discards
        self.lastCause = lastCause
        self.warnings = warnings
        self.routes = routes
    }

    private enum CodingKeys: String, CodingKey {
        case name
        case destinationAddress = "dest-addr"
        case sourceAddress = "source-addr"
        case interface
        case pathType = "path-type"
        case transmitTTL = "tx-ttl"
        case receiveTTL = "rx-ttl"
        case desiredMinEchoTxInterval = "desired-min-echo-tx-interval"
        case requiredMinEchoRxInterval = "required-min-echo-rx-interval"
        case isUnaffiliatedEcho = "unaffiliated-echo"
        case pduSize = "pdu-size"
        case role
        case localDiscriminator = "local-discriminator"
        case remoteDiscriminator = "remote-discriminator"
        case remoteMultiplier = "remote-multiplier"
        case sourcePort = "source-port"
        case destinationPort = "dest-port"
        case localMultiplier = "local-multiplier"
        case desiredMinTxInterval = "desired-min-tx-interval"
        case requiredMinRxInterval = "required-min-rx-interval"
        case authentication
        case isDemandEnabled = "demand-enabled"
        case congestionLevel = "congestion-level"
        case isAdministrativelyDown = "admin-down"
        case running = "session-running"
        case statistics = "session-statistics"
        case discards = "rx-discard"
        case punctuality
        case lastCause = "last-cause"
        case warnings
        case causes
        case routes
    }
}

extension Microseconds: Codable {
    /// Reads the count.
    public init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(UInt32.self))
    }

    /// Writes the count.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(count)
    }
}
