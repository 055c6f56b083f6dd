public import RouteCore

/// A route as wanted next to what is installed, at one moment.
public struct RouteSnapshot: Sendable, Hashable {
    /// In one word.
    public enum State: String, Sendable, Hashable {
        /// Every configured next hop is in the kernel's route.
        case installed
        /// Some are.
        case partial
        /// None is, as wanted.
        case withdrawn
        /// The route drops packets, as wanted.
        case blackhole
        /// A route of somebody else has the same key.
        case conflict
        /// The kernel refuses it.
        case error
    }

    /// What makes the route unique.
    public let key: RouteKey
    /// In one word.
    public let state: State
    /// Every configured next hop.
    public let nextHops: [NextHopSnapshot]
    /// The rules of ours that lead to it.
    public let rules: [RuleSnapshot]
    /// How its next-hop group holds on to flows; nil: an ordinary group, or none.
    public let resilience: Resilience?
    /// What the kernel said when it last refused, until it accepts.
    public let error: String?

    /// Where the traffic goes.
    public var prefix: Prefix { key.prefix }
    /// The routing table.
    public var table: UInt32 { key.table }
    /// The kernel's priority.
    public var metric: UInt32 { key.metric }
}

/// A rule of ours as wanted next to what is installed.
public struct RuleSnapshot: Sendable, Hashable {
    /// What it says.
    public let rule: RoutingRule
    /// Whether the kernel has it.
    public let isInstalled: Bool
    /// What the kernel said when it last refused, until it accepts.
    public let error: String?
}

/// A next hop as wanted next to what is installed.
public struct NextHopSnapshot: Sendable, Hashable {
    /// The name of its session.
    public let peer: String
    /// The gateway's address.
    public let via: HostAddress
    /// The configured link, if any.
    public let interface: String?
    /// The share of the traffic.
    public let weight: Int
    /// Whether it belongs in the route now.
    public let isWanted: Bool
    /// Whether it is in the kernel's route.
    public let isInstalled: Bool
    /// Why it is not, or why it still is; nil when there is nothing to explain.
    public let reason: String?
    /// Why it is held back although its session is up; nil when it is not.
    public let hold: Membership.Hold?
    /// What its failures add up to; nil where the route has no dampening.
    public let penalty: Int?
}
