internal import CNetlinkRoute
public import RouteCore

/// Makes, changes and removes next-hop objects and groups.
///
/// libnl-route 3.7 knows no next-hop objects, so the messages are built attribute by attribute.
public struct NextHopWriter: Sendable {
    /// The `nh_protocol` that marks objects as ours.
    public let protocolNumber: UInt8

    /// A writer whose objects carry `protocolNumber`.
    public init(protocolNumber: UInt8) {
        self.protocolNumber = protocolNumber
    }

    /// Makes a next-hop object; one with the same id is never replaced.
    public func create(
        id: UInt32, _ nextHop: NextHop, through socket: borrowing NetlinkSocket
    ) throws(NetlinkError) {
        try put(
            id: id, nextHop, flags: NLM_F_CREATE | NLM_F_EXCL,
            operation: "add \(text(nextHop)) as next hop \(id)", through: socket)
    }

    /// Changes a next-hop object at once.
    public func replace(
        id: UInt32, _ nextHop: NextHop, through socket: borrowing NetlinkSocket
    ) throws(NetlinkError) {
        try put(
            id: id, nextHop, flags: NLM_F_REPLACE,
            operation: "change next hop \(id) to \(text(nextHop))", through: socket)
    }

    /// Makes a group; one with the same id is never replaced.
    public func createGroup(
        id: UInt32, _ group: NextHopGroup, through socket: borrowing NetlinkSocket
    ) throws(NetlinkError) {
        let kind = group.resilience == nil ? "next-hop group" : "resilient next-hop group"
        try putGroup(
            id: id, group, flags: NLM_F_CREATE | NLM_F_EXCL,
            operation: "add \(kind) \(id)", through: socket)
    }

    /// Changes a group's members, and a resilient one's times, in one message.
    public func replaceGroup(
        id: UInt32, _ group: NextHopGroup, through socket: borrowing NetlinkSocket
    ) throws(NetlinkError) {
        try putGroup(
            id: id, group, flags: NLM_F_REPLACE,
            operation: "change next-hop group \(id)", through: socket)
    }

    /// Removes a next-hop object or group.
    public func remove(
        id: UInt32, through socket: borrowing NetlinkSocket
    ) throws(NetlinkError) {
        let message = try NetlinkMessage.request(
            .deleteNextHop, header: nhmsg(), operation: "remove next hop \(id)")
        try message.put(Int(NHA_ID), id)
        try socket.exchange(message)
    }

    private func put(
        id: UInt32, _ nextHop: NextHop, flags: Int32, operation: @autoclosure () -> String,
        through socket: borrowing NetlinkSocket
    ) throws(NetlinkError) {
        let message = try NetlinkMessage.request(
            .newNextHop, flags: flags,
            header: header(nextHop), operation: operation())
        try message.put(Int(NHA_ID), id)
        switch nextHop {
        case .gateway(let address, let interfaceIndex, _):
            try message.put(Int(NHA_OIF), interfaceIndex)
            try message.put(Int(NHA_GATEWAY), address)
        case .blackhole:
            try message.put(Int(NHA_BLACKHOLE))
        }
        try socket.exchange(message)
    }

    private func putGroup(
        id: UInt32, _ group: NextHopGroup, flags: Int32, operation: @autoclosure () -> String,
        through socket: borrowing NetlinkSocket
    ) throws(NetlinkError) {
        precondition(!group.isEmpty, "an empty group would take its routes with it")
        let message = try NetlinkMessage.request(
            .newNextHop, flags: flags, header: header(family: UInt8(AF_UNSPEC)),
            operation: operation())
        try message.put(Int(NHA_ID), id)
        let entries = group.flatMap { member in
            octets(
                of: nexthop_grp(
                    id: member.id, weight: UInt8(member.weight - 1), resvd1: 0, resvd2: 0))
        }
        try message.put(Int(NHA_GROUP), entries)
        if let resilience = group.resilience { try put(resilience, into: message) }
        try socket.exchange(message)
    }

    private func put(
        _ resilience: Resilience, into message: borrowing NetlinkMessage
    ) throws(NetlinkError) {
        try message.put(Int(NHA_GROUP_TYPE), octets(of: UInt16(NEXTHOP_GRP_TYPE_RES)))
        let numbers: [(Int, [UInt8])] = [
            (Int(NHA_RES_GROUP_BUCKETS), octets(of: resilience.buckets)),
            (Int(NHA_RES_GROUP_IDLE_TIMER), octets(of: resilience.idleCentiseconds)),
            (Int(NHA_RES_GROUP_UNBALANCED_TIMER), octets(of: resilience.unbalancedCentiseconds)),
        ]
        let nested = numbers.flatMap { type, value in
            let length = MemoryLayout<nlattr>.size + value.count
            return octets(of: nlattr(nla_len: UInt16(length), nla_type: UInt16(type)))
                + value + [UInt8](repeating: 0, count: aligned(length) - length)
        }
        try message.put(Int(NHA_RES_GROUP) | Int(NLA_F_NESTED), nested)
    }

    func header(family: UInt8) -> nhmsg {
        nhmsg(
            nh_family: family, nh_scope: 0, nh_protocol: protocolNumber, resvd: 0, nh_flags: 0)
    }

    private func header(_ nextHop: NextHop) -> nhmsg {
        var header = header(family: familyNumber(nextHop.family))
        if case .gateway(_, _, isOnLink: true) = nextHop { header.nh_flags = UInt32(RTNH_F_ONLINK) }
        return header
    }

    private func text(_ nextHop: NextHop) -> String {
        switch nextHop {
        case .gateway(let address, let interfaceIndex, _): "\(address) on link \(interfaceIndex)"
        case .blackhole: "a blackhole"
        }
    }
}

/// The kernel's number of an address family.
func familyNumber(_ family: HostAddress.Family) -> UInt8 {
    switch family {
    case .ipv4: UInt8(AF_INET)
    case .ipv6: UInt8(AF_INET6)
    }
}
