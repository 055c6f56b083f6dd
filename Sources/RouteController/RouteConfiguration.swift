public import RouteCore

/// One next hop of a route, and the session that decides about it.
public struct NextHopConfiguration: Sendable, Hashable {
    /// The name of the session.
    public var peer: String
    /// The gateway's address.
    public var via: HostAddress
    /// The link to leave by; nil: wherever the gateway is on a link.
    public var interface: String?
    /// The share of the traffic, 1...256, relative to the others'.
    public var weight: Int
    /// Whether the gateway is on the link although no address of ours there says so.
    public var isOnLink: Bool

    /// A next hop with a weight from 1 to 256.
    public init(
        peer: String, via: HostAddress, interface: String? = nil, weight: Int = 1,
        isOnLink: Bool = false
    ) {
        self.peer = peer
        self.via = via
        self.interface = interface
        self.weight = weight
        self.isOnLink = isOnLink
    }
}

/// A rule of ours that leads to a route's table.
public struct RuleConfiguration: Sendable, Hashable {
    /// The place in the order of rules: lower comes first.
    public var priority: UInt32
    /// Whether a second rule before it keeps the main table's longer routes in force, where the
    /// route would lead the way to its own gateways astray.
    public var keepsMainFirst: Bool

    /// A rule with a priority.
    public init(priority: UInt32, keepsMainFirst: Bool = true) {
        self.priority = priority
        self.keepsMainFirst = keepsMainFirst
    }
}

/// A route that follows sessions.
public struct RouteConfiguration: Sendable, Hashable {
    /// Where the traffic goes.
    public var prefix: Prefix
    /// The routing table, 254 being main.
    public var table: UInt32
    /// The kernel's priority: lower wins.
    public var metric: UInt32
    /// The next hops; at least one.
    public var nextHops: [NextHopConfiguration]
    /// What happens where BFD leaves a choice.
    public var policy: RoutePolicy
    /// A rule that leads to the table for as long as the route is configured; nil: none of ours.
    public var rule: RuleConfiguration?
    /// How the next-hop group holds on to flows; nil: an ordinary group.
    public var resilience: Resilience?

    /// A route, in table main unless told otherwise.
    public init(
        prefix: Prefix, table: UInt32 = 254, metric: UInt32 = 0,
        nextHops: [NextHopConfiguration], policy: RoutePolicy = RoutePolicy(),
        rule: RuleConfiguration? = nil, resilience: Resilience? = nil
    ) {
        self.prefix = prefix
        self.table = table
        self.metric = metric
        self.nextHops = nextHops
        self.policy = policy
        self.rule = rule
        self.resilience = resilience
    }

    /// The rule that leads to the table, and before it the one that spares the gateways.
    var routingRules: [RoutingRule] {
        guard let rule else { return [] }
        let own = RoutingRule(family: prefix.family, priority: rule.priority, table: table)
        let coversGateway = nextHops.contains {
            $0.via.family == prefix.family && prefix.contains($0.via)
        }
        guard rule.keepsMainFirst, rule.priority > 0, coversGateway else { return [own] }
        let mainFirst = RoutingRule(
            family: prefix.family, priority: rule.priority - 1, table: 254,
            suppressedLength: prefix.length)
        return [mainFirst, own]
    }

    /// What makes the route unique in the kernel.
    public var key: RouteKey { RouteKey(prefix: prefix, table: table, metric: metric) }
}

/// How the controller works, whatever the routes are.
public struct RouteControllerOptions: Sendable, Hashable {
    /// Whether to use the kernel's next-hop objects.
    public enum UseOfNextHopObjects: Sendable, Hashable {
        /// Where the kernel has them.
        case automatic
        /// Never: multipath routes, replaced whole.
        case never
    }

    /// Whether to use the kernel's next-hop objects.
    public var useNextHopObjects: UseOfNextHopObjects
    /// Whether to switch `net.ipv4.nexthop_compat_mode` off in the network namespace once many
    /// routes share a group.
    public var turnsCompatibilityOff: Bool
    /// The `rtm_protocol` that marks routes and next hops as ours.
    public var protocolNumber: UInt8
    /// The first of 65,536 ids of ours: the lower half for next hops, the upper half for groups.
    public var firstNextHopID: UInt32
    /// How long adopted next hops wait for their sessions after the start.
    public var adoptionGraceNanoseconds: Int64
    /// How long after the kernel's first refusal it is asked again; doubles with each further one.
    public var firstRetryNanoseconds: Int64
    /// The longest wait between two attempts.
    public var lastRetryNanoseconds: Int64

    /// The defaults that suit a gateway node.
    public init(
        useNextHopObjects: UseOfNextHopObjects = .automatic, turnsCompatibilityOff: Bool = false,
        protocolNumber: UInt8 = 158,
        firstNextHopID: UInt32 = 0x5880_0000, adoptionGraceNanoseconds: Int64 = 5_000_000_000,
        firstRetryNanoseconds: Int64 = 100_000_000, lastRetryNanoseconds: Int64 = 5_000_000_000
    ) {
        precondition(firstNextHopID > 0 && firstNextHopID <= UInt32.max - 0x1_0000, "ids fit")
        self.useNextHopObjects = useNextHopObjects
        self.turnsCompatibilityOff = turnsCompatibilityOff
        self.protocolNumber = protocolNumber
        self.firstNextHopID = firstNextHopID
        self.adoptionGraceNanoseconds = adoptionGraceNanoseconds
        self.firstRetryNanoseconds = firstRetryNanoseconds
        self.lastRetryNanoseconds = lastRetryNanoseconds
    }

    var nextHopIDs: Range<UInt32> { firstNextHopID..<(firstNextHopID + 0x8000) }
    var groupIDs: Range<UInt32> { (firstNextHopID + 0x8000)..<(firstNextHopID + 0x1_0000) }
    var allIDs: Range<UInt32> { firstNextHopID..<(firstNextHopID + 0x1_0000) }
}
