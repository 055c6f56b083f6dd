internal import CNetlinkRoute
internal import LinuxSystem
internal import RouteCore

/// Makes and removes our rules, and lists them.
struct RuleWriter: Sendable {
    let protocolNumber: UInt8

    /// Makes a rule; a like one of ours is never made twice: `EEXIST`.
    func create(
        _ rule: RoutingRule, through socket: borrowing NetlinkSocket
    ) throws(NetlinkError) {
        try socket.exchange(
            request(.newRule, flags: NLM_F_CREATE | NLM_F_EXCL, rule, "add \(rule)"))
    }

    /// Removes a rule if it carries our protocol.
    func remove(
        _ rule: RoutingRule, through socket: borrowing NetlinkSocket
    ) throws(NetlinkError) {
        try socket.exchange(request(.deleteRule, flags: 0, rule, "remove \(rule)"))
    }

    private func request(
        _ type: RequestKind, flags: Int32, _ rule: RoutingRule, _ operation: String
    ) throws(NetlinkError) -> NetlinkMessage {
        var header = fib_rule_hdr()
        header.family = familyNumber(rule.family)
        header.action = UInt8(FR_ACT_TO_TBL)
        let message = try NetlinkMessage.request(
            type, flags: flags, header: header, operation: operation)
        try message.put(Int(FRA_TABLE), rule.table)
        try message.put(Int(FRA_PRIORITY), rule.priority)
        try message.put(Int(FRA_PROTOCOL), [protocolNumber])
        if let length = rule.suppressedLength {
            try message.put(Int(FRA_SUPPRESS_PREFIXLEN), UInt32(length))
        }
        return message
    }
}

/// A rule, as the kernel reports it.
struct RuleMessage {
    let rule: RoutingRule
    let protocolNumber: UInt8

    init?(_ message: ReceivedMessage) {
        guard let (header, attributes) = message.body(fib_rule_hdr.self) else { return nil }
        let family: HostAddress.Family
        switch Int32(header.family) {
        case AF_INET: family = .ipv4
        case AF_INET6: family = .ipv6
        default: return nil
        }
        rule = RoutingRule(
            family: family, priority: attributes.number(Int(FRA_PRIORITY)) ?? 0,
            table: attributes.number(Int(FRA_TABLE)) ?? UInt32(header.table),
            suppressedLength: attributes.number(Int(FRA_SUPPRESS_PREFIXLEN))
                .flatMap { $0 == UInt32.max ? nil : Int($0) })
        protocolNumber = attributes[Int(FRA_PROTOCOL)]?.first ?? 0
    }
}
