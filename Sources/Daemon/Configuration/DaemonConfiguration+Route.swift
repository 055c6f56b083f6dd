public import RouteCore

extension DaemonConfiguration {
    /// One route to keep equal to the set of peers that are alive.
    public struct Route: Sendable, Hashable {
        /// Prefix, table and metric.
        public var key: RouteKey
        /// Its next hops; at least one, each by another peer; IPv4 may go over IPv6.
        public var nextHops: [NextHop]
        /// What AdminDown and the loss of all peers mean.
        public var policy: RoutePolicy

        /// The priority of a rule of ours that leads to the table; nil: none.
        public var rulePriority: UInt32?
        /// Whether a rule before that one keeps the main table's longer routes in force.
        public var keepsMainFirst = true
        /// How its next-hop group holds on to flows; nil: an ordinary group.
        public var resilience: Resilience?

        /// A route by its parts.
        public init(key: RouteKey, nextHops: [NextHop], policy: RoutePolicy = RoutePolicy()) {
            self.key = key
            self.nextHops = nextHops
            self.policy = policy
        }
    }

    /// One way a route may go.
    public struct NextHop: Sendable, Hashable {
        /// The name of a configured peer, whose address and interface the next hop takes.
        public var peer: String
        /// Another gateway than the peer itself; nil: the peer.
        public var via: HostAddress?
        /// Another link than the peer's; nil: the peer's.
        public var interface: String?
        /// Whether the gateway is on the link although no address of ours there says so.
        public var isOnLink = false
        /// Its share, 1 to 256.
        public var weight: Int

        /// A next hop by its parts.
        public init(peer: String, weight: Int = 1) {
            self.peer = peer
            self.weight = weight
        }
    }
}
