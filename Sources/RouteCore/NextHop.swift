/// Where a packet goes next, as a kernel next-hop object says it.
public enum NextHop: Hashable, Sendable {
    /// To a gateway on a link; on-link means that no address of ours has to cover it.
    case gateway(HostAddress, interfaceIndex: UInt32, isOnLink: Bool = false)
    /// Nowhere: dropped.
    case blackhole(HostAddress.Family)

    /// The family of the gateway; IPv4 traffic may go to an IPv6 one.
    public var family: HostAddress.Family {
        switch self {
        case .gateway(let address, _, _): address.family
        case .blackhole(let family): family
        }
    }
}

/// A next hop and its share of a route's traffic.
public struct WeightedNextHop: Hashable, Sendable {
    /// Where to.
    public let nextHop: NextHop
    /// The share, 1...256, relative to the others'.
    public let weight: Int

    /// A next hop with a weight from 1 to 256.
    public init(_ nextHop: NextHop, weight: Int) {
        precondition((1...256).contains(weight), "a weight is 1...256")
        self.nextHop = nextHop
        self.weight = weight
    }
}

/// A member of a next-hop group: the id of a next-hop object, and its share.
public struct GroupMember: Hashable, Sendable {
    /// The next-hop object.
    public let id: UInt32
    /// The share, 1...256, relative to the others'.
    public let weight: Int

    /// A member with a weight from 1 to 256.
    public init(id: UInt32, weight: Int) {
        precondition((1...256).contains(weight), "a weight is 1...256")
        self.id = id
        self.weight = weight
    }
}
