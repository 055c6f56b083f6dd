internal import CNetlinkRoute
internal import LinuxSystem
public import RouteCore

/// Makes, changes and removes our routes, and carries out plans.
public struct RouteWriter: Sendable {
    /// The `rtm_protocol` that marks routes as ours.
    public let protocolNumber: UInt8
    private let nextHops: NextHopWriter
    private let rules: RuleWriter

    /// A writer whose routes and next hops carry `protocolNumber`.
    public init(protocolNumber: UInt8) {
        self.protocolNumber = protocolNumber
        nextHops = NextHopWriter(protocolNumber: protocolNumber)
        rules = RuleWriter(protocolNumber: protocolNumber)
    }

    /// Carries out one step; removing what is gone already is no error.
    public func perform(
        _ operation: RouteOperation, through socket: borrowing NetlinkSocket
    ) throws(NetlinkError) {
        switch operation {
        case .createNextHop(let id, let nextHop):
            try nextHops.create(id: id, nextHop, through: socket)
        case .replaceNextHop(let id, let nextHop):
            try nextHops.replace(id: id, nextHop, through: socket)
        case .createGroup(let id, let group):
            try nextHops.createGroup(id: id, group, through: socket)
        case .replaceGroup(let id, let group):
            try nextHops.replaceGroup(id: id, group, through: socket)
        case .createRule(let rule): try rules.create(rule, through: socket)
        case .removeRule(let rule):
            do { try rules.remove(rule, through: socket) } catch { try unlessGone(error) }
        case .createRoute(let route): try create(route, through: socket)
        case .replaceRoute(let route): try replace(route, through: socket)
        case .removeRoute(let key):
            do { try remove(key, through: socket) } catch { try unlessGone(error) }
        case .removeGroup(let id), .removeGroupAndRoutes(let id), .removeNextHop(let id):
            do { try nextHops.remove(id: id, through: socket) } catch { try unlessGone(error) }
        }
    }

    /// Changes a group's members as fast as it goes.
    public func replaceGroupAtOnce(
        id: UInt32, _ group: NextHopGroup, through socket: borrowing NetlinkSocket
    ) throws(NetlinkError) {
        try nextHops.replaceGroupAtOnce(id: id, group, through: socket)
    }

    /// Takes away a next hop, which leaves its groups with it, as fast as it goes.
    public func removeNextHopAtOnce(
        id: UInt32, through socket: borrowing NetlinkSocket
    ) throws(NetlinkError) {
        try nextHops.removeAtOnce(id: id, through: socket)
    }

    /// Makes a route; a route with the same key, whoever made it, is never replaced: `EEXIST`.
    public func create(
        _ route: MultipathRoute, through socket: borrowing NetlinkSocket
    ) throws(NetlinkError) {
        try put(
            route, flags: NLM_F_CREATE | NLM_F_EXCL, operation: "add route \(route.key)",
            through: socket)
    }

    /// Changes what a route leads to, in one message. The caller knows that the route is ours.
    public func replace(
        _ route: MultipathRoute, through socket: borrowing NetlinkSocket
    ) throws(NetlinkError) {
        try put(
            route, flags: NLM_F_REPLACE, operation: "change route \(route.key)", through: socket)
    }

    /// Removes the route with this key if it carries our protocol.
    public func remove(
        _ key: RouteKey, through socket: borrowing NetlinkSocket
    ) throws(NetlinkError) {
        var header = header(key)
        header.rtm_scope = UInt8(RT_SCOPE_NOWHERE.rawValue)
        let message = try NetlinkMessage.request(
            .deleteRoute, header: header, operation: "remove route \(key)")
        try put(key, into: message)
        try socket.exchange(message)
    }

    private func put(
        _ route: MultipathRoute, flags: Int32, operation: @autoclosure () -> String,
        through socket: borrowing NetlinkSocket
    ) throws(NetlinkError) {
        var header = header(route.key)
        header.rtm_type =
            switch route.target {
            case .group, .nextHops: UInt8(RTN_UNICAST)
            case .blackhole: UInt8(RTN_BLACKHOLE)
            }
        let message = try NetlinkMessage.request(
            .newRoute, flags: flags, header: header, operation: operation())
        try put(route.key, into: message)
        switch route.target {
        case .group(let id): try message.put(Int(RTA_NH_ID.rawValue), id)
        case .nextHops(let nextHops):
            precondition(!nextHops.isEmpty, "a route leads somewhere")
            try message.put(
                Int(RTA_MULTIPATH.rawValue), nextHops.flatMap { multipathEntry($0, of: route.key) })
        case .blackhole: break
        }
        try socket.exchange(message)
    }

    private func header(_ key: RouteKey) -> rtmsg {
        var header = rtmsg()
        header.rtm_family = familyNumber(key.prefix.family)
        header.rtm_dst_len = UInt8(key.prefix.length)
        header.rtm_protocol = protocolNumber
        return header
    }

    private func put(
        _ key: RouteKey, into message: borrowing NetlinkMessage
    ) throws(NetlinkError) {
        if key.prefix.length > 0 { try message.put(Int(RTA_DST.rawValue), key.prefix.address) }
        try message.put(Int(RTA_TABLE.rawValue), key.table)
        try message.put(Int(RTA_PRIORITY.rawValue), key.metric)
    }

    /// A `struct rtnexthop` and the gateway attribute inside it.
    ///
    /// A gateway of another family than the route's is a `struct rtvia`: family and address.
    private func multipathEntry(_ weighted: WeightedNextHop, of key: RouteKey) -> [UInt8] {
        guard case .gateway(let address, let interfaceIndex, let isOnLink) = weighted.nextHop else {
            preconditionFailure("a blackhole shares no route")
        }
        let isOfOtherFamily = address.family != key.prefix.family
        let value =
            isOfOtherFamily
            ? octets(of: UInt16(familyNumber(address.family))) + address.bytes : address.bytes
        let length = MemoryLayout<nlattr>.size + value.count
        let type = isOfOtherFamily ? RTA_VIA : RTA_GATEWAY
        let attribute =
            octets(of: nlattr(nla_len: UInt16(length), nla_type: UInt16(type.rawValue)))
            + value + [UInt8](repeating: 0, count: aligned(length) - length)
        let header = rtnexthop(
            rtnh_len: UInt16(MemoryLayout<rtnexthop>.size + attribute.count),
            rtnh_flags: isOnLink ? UInt8(RTNH_F_ONLINK) : 0,
            rtnh_hops: UInt8(weighted.weight - 1), rtnh_ifindex: Int32(interfaceIndex))
        return octets(of: header) + attribute
    }

    private func unlessGone(_ error: NetlinkError) throws(NetlinkError) {
        guard error.errno == .noSuchFile || error.errno == .noSuchProcess else { throw error }
    }
}
