/// What makes a route unique in the kernel: two routes with one key exclude each other.
public struct RouteKey: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// Where the traffic goes.
    public let prefix: Prefix
    /// The routing table, 254 being main.
    public let table: UInt32
    /// The kernel's priority: lower wins. For IPv6 the kernel reads 0 as 1024, and so does this.
    public let metric: UInt32

    /// A key; an IPv6 metric of 0 becomes 1024, as in the kernel.
    public init(prefix: Prefix, table: UInt32, metric: UInt32) {
        self.prefix = prefix
        self.table = table
        self.metric = metric == 0 && prefix.family == .ipv6 ? 1024 : metric
    }

    /// As an operator says it.
    public var description: String {
        "\(prefix) table \(table == 254 ? "main" : "\(table)") metric \(metric)"
    }

    /// By prefix, table, metric.
    public static func < (left: RouteKey, right: RouteKey) -> Bool {
        (left.prefix, left.table, left.metric) < (right.prefix, right.table, right.metric)
    }
}

/// A route over any number of next hops, as the kernel holds it.
public struct MultipathRoute: Hashable, Sendable {
    /// What the route leads to.
    public enum Target: Hashable, Sendable {
        /// A next-hop group, by id.
        case group(UInt32)
        /// Next hops written into the route itself, in ascending order of gateway; never empty.
        case nextHops([WeightedNextHop])
        /// Packets are dropped.
        case blackhole
    }

    /// What makes it unique.
    public let key: RouteKey
    /// What it leads to.
    public let target: Target

    /// A route from its key and target.
    public init(_ key: RouteKey, _ target: Target) {
        self.key = key
        self.target = target
    }
}
