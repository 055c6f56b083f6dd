internal import CNetlinkRoute
internal import RouteCore

/// A next-hop object or group, as the kernel reports it.
struct NextHopMessage {
    let id: UInt32
    let protocolNumber: UInt8
    /// A group; nil for a single next hop.
    let group: NextHopGroup?
    /// The next hop, if it is of a kind we make.
    let nextHop: NextHop?

    init?(_ message: ReceivedMessage) {
        guard let (header, attributes) = message.body(nhmsg.self),
            let id = attributes.number(Int(NHA_ID))
        else { return nil }
        self.id = id
        protocolNumber = header.nh_protocol
        group = attributes[Int(NHA_GROUP)].map {
            NextHopGroup(Self.members(in: $0), resilience: Self.resilience(attributes))
        }
        if let gateway = attributes[Int(NHA_GATEWAY)].flatMap({ HostAddress(bytes: $0) }),
            let interfaceIndex = attributes.number(Int(NHA_OIF))
        {
            nextHop = .gateway(
                gateway, interfaceIndex: interfaceIndex,
                isOnLink: header.nh_flags & UInt32(RTNH_F_ONLINK) != 0)
        } else if attributes[Int(NHA_BLACKHOLE)] != nil {
            nextHop = .blackhole(header.nh_family == UInt8(AF_INET) ? .ipv4 : .ipv6)
        } else {
            nextHop = nil
        }
    }

    private static func resilience(_ attributes: Attributes) -> Resilience? {
        guard let type = attributes[Int(NHA_GROUP_TYPE)]?.load(UInt16.self),
            type == UInt16(NEXTHOP_GRP_TYPE_RES), let nested = attributes[Int(NHA_RES_GROUP)]
        else { return nil }
        let numbers = Attributes(nested)
        guard
            let buckets = numbers[Int(NHA_RES_GROUP_BUCKETS)]?.load(UInt16.self), buckets > 0
        else { return nil }
        return Resilience(
            buckets: buckets,
            idleCentiseconds: numbers.number(Int(NHA_RES_GROUP_IDLE_TIMER)) ?? 0,
            unbalancedCentiseconds: numbers.number(Int(NHA_RES_GROUP_UNBALANCED_TIMER)) ?? 0)
    }

    private static func members(in bytes: ArraySlice<UInt8>) -> [GroupMember] {
        var rest = bytes
        var members: [GroupMember] = []
        while let entry = rest.load(nexthop_grp.self) {
            members.append(GroupMember(id: entry.id, weight: Int(entry.weight) + 1))
            rest = rest.dropFirst(MemoryLayout<nexthop_grp>.size)
        }
        return members.sorted { $0.id < $1.id }
    }
}

/// A route, as the kernel reports it.
struct RouteMessage {
    let key: RouteKey
    let protocolNumber: UInt8
    let type: UInt8
    let isCloned: Bool
    let interfaceIndex: UInt32?
    let gateway: HostAddress?
    /// What it leads to, if it is of a kind we make.
    let target: MultipathRoute.Target?

    init?(_ message: ReceivedMessage) {
        guard let (header, attributes) = message.body(rtmsg.self) else { return nil }
        let family: HostAddress.Family
        switch Int32(header.rtm_family) {
        case AF_INET: family = .ipv4
        case AF_INET6: family = .ipv6
        default: return nil
        }
        let destination = attributes[Int(RTA_DST.rawValue)].flatMap { HostAddress(bytes: $0) }
        guard
            let prefix = try? Prefix(
                destination ?? Prefix.all(family).address, length: Int(header.rtm_dst_len))
        else { return nil }
        key = RouteKey(
            prefix: prefix,
            table: attributes.number(Int(RTA_TABLE.rawValue)) ?? UInt32(header.rtm_table),
            metric: attributes.number(Int(RTA_PRIORITY.rawValue)) ?? 0)
        protocolNumber = header.rtm_protocol
        type = header.rtm_type
        isCloned = header.rtm_flags & UInt32(RTM_F_CLONED) != 0
        interfaceIndex = attributes.number(Int(RTA_OIF.rawValue))
        gateway = attributes.gateway
        target = Self.target(header, attributes, gateway, interfaceIndex)
    }

    private static func target(
        _ header: rtmsg, _ attributes: Attributes, _ gateway: HostAddress?, _ index: UInt32?
    ) -> MultipathRoute.Target? {
        if let id = attributes.number(Int(RTA_NH_ID.rawValue)) { return .group(id) }
        if header.rtm_type == UInt8(RTN_BLACKHOLE) { return .blackhole }
        guard header.rtm_type == UInt8(RTN_UNICAST) else { return nil }
        if let entries = attributes[Int(RTA_MULTIPATH.rawValue)] {
            let nextHops = multipath(entries)
            return nextHops.isEmpty ? nil : .nextHops(nextHops)
        }
        guard let gateway, let index else { return nil }
        return .nextHops([
            WeightedNextHop(
                .gateway(
                    gateway, interfaceIndex: index,
                    isOnLink: header.rtm_flags & UInt32(RTNH_F_ONLINK) != 0), weight: 1)
        ])
    }

    private static func multipath(_ bytes: ArraySlice<UInt8>) -> [WeightedNextHop] {
        var rest = bytes
        var nextHops: [(HostAddress, WeightedNextHop)] = []
        let headerLength = MemoryLayout<rtnexthop>.size
        while let header = rest.load(rtnexthop.self), Int(header.rtnh_len) >= headerLength,
            Int(header.rtnh_len) <= rest.count
        {
            let attributes = Attributes(
                rest.prefix(Int(header.rtnh_len)).dropFirst(headerLength))
            if let gateway = attributes.gateway {
                let nextHop = NextHop.gateway(
                    gateway, interfaceIndex: UInt32(bitPattern: header.rtnh_ifindex),
                    isOnLink: header.rtnh_flags & UInt8(RTNH_F_ONLINK) != 0)
                nextHops.append(
                    (gateway, WeightedNextHop(nextHop, weight: Int(header.rtnh_hops) + 1)))
            }
            rest = rest.dropFirst(aligned(Int(header.rtnh_len)))
        }
        return nextHops.sorted { $0.0 < $1.0 }.map(\.1)
    }
}

extension Attributes {
    /// The gateway of a route, of the route's family or, behind a `struct rtvia`, of another one.
    fileprivate var gateway: HostAddress? {
        if let bytes = self[Int(RTA_GATEWAY.rawValue)] { return HostAddress(bytes: bytes) }
        return self[Int(RTA_VIA.rawValue)].flatMap {
            HostAddress(bytes: $0.dropFirst(MemoryLayout<UInt16>.size))
        }
    }
}
