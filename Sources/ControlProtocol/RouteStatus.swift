/// Answers `routes`.
public struct RoutesReport: Codable, Sendable, Hashable {
    /// All configured routes, in configuration order.
    public var routes: [RouteStatus]
    /// What happened to routes since the start.
    public var changes: RouteChanges?

    /// A report by its parts.
    public init(routes: [RouteStatus]) {
        self.routes = routes
    }
}

/// How a route stands in the kernel.
public enum RouteStateName: String, Codable, Sendable, Hashable, CaseIterable {
    /// With every configured next hop.
    case installed
    /// With some of them.
    case partial
    /// Not there, as no peer is Up.
    case withdrawn
    /// There as a blackhole, as no peer is Up.
    case blackhole
    /// Not there, as somebody else's route has the same prefix, table and metric.
    case conflict
    /// Not as wanted: the kernel refused; tried again.
    case error
}

/// One route: wanted next to installed.
public struct RouteStatus: Codable, Sendable, Hashable {
    /// The prefix, such as `0.0.0.0/0`.
    public var prefix: String
    /// The table; 254 is `main`.
    public var table: UInt32
    /// The metric.
    public var metric: UInt32
    /// How it stands.
    public var state: RouteStateName
    /// Its configured next hops.
    public var nextHops: [NextHopStatus]
    /// The kernel's last refusal and what to do; nil when there is none.
    public var error: String?
    /// The ip rules of ours that lead to it, in their order; nil when there are none.
    public var rules: [RuleStatus]?
    /// How its next-hop group holds on to flows; nil for an ordinary group.
    public var resilience: ResilienceStatus?

    /// A route by its parts, without rules.
    public init(
        prefix: String, table: UInt32, metric: UInt32, state: RouteStateName,
        nextHops: [NextHopStatus], error: String?
    ) {
        self.prefix = prefix
        self.table = table
        self.metric = metric
        self.state = state
        self.nextHops = nextHops
        self.error = error
    }

    private enum CodingKeys: String, CodingKey {
        case prefix
        case table
        case metric
        case state
        case nextHops = "next-hops"
        case error
        case rules
        case resilience = "resilient"
    }
}

/// An ip rule of ours.
public struct RuleStatus: Codable, Sendable, Hashable {
    /// Its place in the order of rules: lower comes first.
    public var priority: UInt32
    /// The table it leads to; 254 is `main`.
    public var table: UInt32
    /// Routes of the table that are no longer than this do not count; nil: all do.
    public var suppressedLength: Int?
    /// Whether the kernel has it.
    public var isInstalled: Bool
    /// The kernel's last refusal; nil when there is none.
    public var error: String?

    /// A rule by its parts.
    public init(
        priority: UInt32, table: UInt32, suppressedLength: Int?, isInstalled: Bool, error: String?
    ) {
        self.priority = priority
        self.table = table
        self.suppressedLength = suppressedLength
        self.isInstalled = isInstalled
        self.error = error
    }

    private enum CodingKeys: String, CodingKey {
        case priority
        case table
        case suppressedLength = "suppress-prefixlength"
        case isInstalled = "installed"
        case error
    }
}

/// A resilient group's numbers.
public struct ResilienceStatus: Codable, Sendable, Hashable {
    /// Between how many buckets traffic is split.
    public var buckets: Int
    /// For how long a bucket must be without packets to move, in milliseconds.
    public var idleMilliseconds: Int
    /// After how long out of balance busy buckets move, too, in milliseconds; 0: never.
    public var unbalancedMilliseconds: Int

    /// A group by its numbers.
    public init(buckets: Int, idleMilliseconds: Int, unbalancedMilliseconds: Int) {
        self.buckets = buckets
        self.idleMilliseconds = idleMilliseconds
        self.unbalancedMilliseconds = unbalancedMilliseconds
    }

    private enum CodingKeys: String, CodingKey {
        case buckets
        case idleMilliseconds = "idle-timer-ms"
        case unbalancedMilliseconds = "unbalanced-timer-ms"
    }
}

/// One next hop of a route.
public struct NextHopStatus: Codable, Sendable, Hashable {
    /// The peer's name.
    public var peer: String
    /// The address traffic goes to.
    public var via: String
    /// The interface, where one is configured.
    public var interface: String?
    /// Its share, 1 to 256.
    public var weight: Int
    /// Whether it belongs in the route now.
    public var isWanted: Bool
    /// Whether the kernel has it.
    public var isInstalled: Bool
    /// Why it is missing; nil while it is wanted and installed.
    public var reason: String?
    /// When it returns, while its session is up and it is held back all the same; else nil.
    public var heldUntil: Timestamp?
    /// Whether it is held back for failing too often; nil while it is not held back.
    public var isSuppressed: Bool?
    /// What its failures add up to now; nil where the route has no dampening.
    public var penalty: Int?

    /// A next hop by its parts, not held back.
    public init(
        peer: String, via: String, interface: String?, weight: Int, isWanted: Bool,
        isInstalled: Bool, reason: String?
    ) {
        self.peer = peer
        self.via = via
        self.interface = interface
        self.weight = weight
        self.isWanted = isWanted
        self.isInstalled = isInstalled
        self.reason = reason
    }

    private enum CodingKeys: String, CodingKey {
        case peer
        case via
        case interface
        case weight
        case isWanted = "wanted"
        case isInstalled = "installed"
        case reason
        case heldUntil = "held-until"
        case isSuppressed = "suppressed"
        case penalty
    }
}

/// What happened to routes since the start, and how long the kernel took.
public struct RouteChanges: Codable, Sendable, Hashable {
    /// How often, by kind; only kinds that occurred.
    public var counts: [String: UInt64]
    /// From the cause to the kernel's acknowledgement.
    public var duration: LatenessStatus

    /// Changes by their parts.
    public init(counts: [String: UInt64], duration: LatenessStatus) {
        self.counts = counts
        self.duration = duration
    }
}
