internal import CNetlinkRoute
internal import LinuxSystem
public import RouteCore

/// Reads what of ours is in the kernel, and what stands in our way.
public struct RouteReader: Sendable {
    /// What a reading found.
    public struct Findings: Sendable {
        /// Our own objects.
        public var state = RouteState()
        /// Next-hop ids of our range that somebody else uses.
        public var foreignIDs: Set<UInt32> = []
        /// Next hops of ours that are in a group of somebody else's.
        public var lentIDs: Set<UInt32> = []
    }

    /// A route of somebody else.
    public struct ForeignRoute: Hashable, Sendable, CustomStringConvertible {
        /// Its key.
        public let key: RouteKey
        /// Its `rtm_protocol`.
        public let protocolNumber: UInt8
        /// Its gateway, if it has exactly one.
        public let gateway: HostAddress?

        /// The route and who made it.
        public var description: String {
            let origin = RouteProtocolName.text(protocolNumber)
            return "\(key)\(gateway.map { " via \($0)" } ?? "") of protocol \(origin)"
        }
    }

    private let protocolNumber: UInt8
    private let ids: Range<UInt32>

    /// A reader of objects with `protocolNumber` and, for next hops, an id in `ids`.
    public init(protocolNumber: UInt8, ids: Range<UInt32>) {
        self.protocolNumber = protocolNumber
        self.ids = ids
    }

    /// Whether the kernel has next-hop objects.
    public func findsNextHopObjects(through socket: borrowing NetlinkSocket) -> Bool {
        do {
            _ = try nextHops(through: socket)
            return true
        } catch {
            return error.errno != .operationNotSupported && error.errno != .invalidArgument
        }
    }

    /// Next hops, groups and rules of ours; not the routes, of which there may be many.
    public func readNextHops(through socket: borrowing NetlinkSocket) throws(NetlinkError)
        -> Findings
    {
        var findings = Findings()
        for message in try nextHops(through: socket) { record(message, in: &findings) }
        findings.state.rules = try rules(through: socket)
        return findings
    }

    /// Everything of ours; `nextHopObjects` is false where the kernel has none.
    public func read(
        nextHopObjects: Bool, through socket: borrowing NetlinkSocket
    ) throws(NetlinkError) -> Findings {
        var findings = Findings()
        if nextHopObjects {
            for message in try nextHops(through: socket) { record(message, in: &findings) }
        }
        findings.state.rules = try rules(through: socket)
        for family in [HostAddress.Family.ipv4, .ipv6] {
            for message in try routes(family, protocolNumber: protocolNumber, through: socket) {
                guard let route = RouteMessage(message), route.protocolNumber == protocolNumber,
                    !route.isCloned, let target = route.target
                else { continue }
                findings.state.routes[route.key] = target
            }
        }
        return findings
    }

    /// A route of somebody else with this key.
    public func foreignRoute(
        at key: RouteKey, through socket: borrowing NetlinkSocket
    ) throws(NetlinkError) -> ForeignRoute? {
        for message in try routes(key.prefix.family, table: key.table, through: socket) {
            guard let route = RouteMessage(message), route.key == key, !route.isCloned,
                route.protocolNumber != protocolNumber
            else { continue }
            return ForeignRoute(
                key: key, protocolNumber: route.protocolNumber, gateway: route.gateway)
        }
        return nil
    }

    private func record(_ message: ReceivedMessage, in findings: inout Findings) {
        guard let object = NextHopMessage(message) else { return }
        guard ids.contains(object.id), object.protocolNumber == protocolNumber else {
            if ids.contains(object.id) { findings.foreignIDs.insert(object.id) }
            findings.lentIDs.formUnion((object.group ?? []).map(\.id).filter(ids.contains))
            return
        }
        if let group = object.group {
            findings.state.groups[object.id] = group
        } else if let nextHop = object.nextHop {
            findings.state.nextHops[object.id] = nextHop
        } else {
            findings.foreignIDs.insert(object.id)
        }
    }

    private func rules(
        through socket: borrowing NetlinkSocket
    ) throws(NetlinkError) -> Set<RoutingRule> {
        var rules: Set<RoutingRule> = []
        for family in [HostAddress.Family.ipv4, .ipv6] {
            let messages = try listed { () throws(NetlinkError) in
                try socket.dump { () throws(NetlinkError) in
                    var header = fib_rule_hdr()
                    header.family = familyNumber(family)
                    return try NetlinkMessage.request(
                        .listRules, flags: NLM_F_DUMP, header: header,
                        operation: "list rules")
                }
            }
            for message in messages.compactMap(RuleMessage.init)
            where message.protocolNumber == protocolNumber {
                rules.insert(message.rule)
            }
        }
        return rules
    }

    /// A table that does not exist yet, or a kernel without the family, holds nothing.
    private func listed(
        _ list: () throws(NetlinkError) -> [ReceivedMessage]
    ) throws(NetlinkError) -> [ReceivedMessage] {
        do {
            return try list()
        } catch {
            let empty: [Errno] = [.noSuchFile, .operationNotSupported, .familyNotSupported]
            guard let errno = error.errno, empty.contains(errno) else { throw error }
            return []
        }
    }

    private func nextHops(
        through socket: borrowing NetlinkSocket
    ) throws(NetlinkError) -> [ReceivedMessage] {
        try socket.dump { () throws(NetlinkError) in
            try NetlinkMessage.request(
                .listNextHops, flags: NLM_F_DUMP, header: nhmsg(),
                operation: "list next hops")
        }
    }

    private func routes(
        _ family: HostAddress.Family, table: UInt32? = nil, protocolNumber: UInt8 = 0,
        through socket: borrowing NetlinkSocket
    ) throws(NetlinkError) -> [ReceivedMessage] {
        try listed { () throws(NetlinkError) in
            try socket.dump { () throws(NetlinkError) in
                var header = rtmsg()
                header.rtm_family = familyNumber(family)
                header.rtm_protocol = protocolNumber
                let message = try NetlinkMessage.request(
                    .getRoute, flags: NLM_F_DUMP, header: header,
                    operation: "list routes")
                if let table { try message.put(Int(RTA_TABLE.rawValue), table) }
                return message
            }
        }
    }
}

/// The names iproute2 gives to who made a route.
enum RouteProtocolName {
    static func text(_ number: UInt8) -> String {
        let names: [UInt8: String] = [
            1: "redirect", 2: "kernel", 3: "boot", 4: "static", 9: "ra", 11: "zebra", 12: "bird",
            16: "dhcp", 18: "keepalived", 186: "bgp", 187: "isis", 188: "ospf", 196: "zstatic",
        ]
        return names[number].map { "\($0) (\(number))" } ?? "\(number)"
    }
}
