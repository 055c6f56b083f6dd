// A rule that catches all traffic catches that to the gateways, too. With a default route in the
// table, the packets of a session would go to whichever gateway the hash picks, and no session
// would last. So a second rule before it asks the main table first, and takes its answer unless
// that is a route as wide as ours or wider (suppress_prefixlength, as wg-quick does): whatever is
// on a link of this node is reached there, as if the rule were not.
//
//     5879: from all lookup main suppress_prefixlength 0     10.9.0.1 ──▶ its link
//     5880: from all lookup 5880                             the rest ──▶ default via 10.9.0.1, …

/// An entry of the kernel's routing policy that leads all traffic of a family to a table.
public struct RoutingRule: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The family of the traffic.
    public let family: HostAddress.Family
    /// The place in the order of rules: lower comes first.
    public let priority: UInt32
    /// The table it leads to.
    public let table: UInt32
    /// Routes of the table that are no longer than this do not count; nil: all count.
    public let suppressedLength: Int?

    /// A rule by its parts.
    public init(
        family: HostAddress.Family, priority: UInt32, table: UInt32, suppressedLength: Int? = nil
    ) {
        self.suppressedLength = suppressedLength
        self.family = family
        self.priority = priority
        self.table = table
    }

    /// As an operator says it.
    public var description: String {
        let table = table == 254 ? "main" : "\(table)"
        let text = "\(family == .ipv4 ? "IPv4" : "IPv6") rule \(priority) to table \(table)"
        return suppressedLength.map { "\(text) suppress_prefixlength \($0)" } ?? text
    }

    /// Of rules that differ in nothing but what they suppress, the one that suppresses least: it
    /// serves for all of them.
    public static func merged(_ rules: some Sequence<RoutingRule>) -> Set<RoutingRule> {
        var merged: [RoutingRule: RoutingRule] = [:]
        for rule in rules {
            let place = RoutingRule(
                family: rule.family, priority: rule.priority, table: rule.table,
                suppressedLength: rule.suppressedLength.map { _ in 0 })
            if let other = merged[place], other < rule { continue }
            merged[place] = rule
        }
        return Set(merged.values)
    }

    /// Whether this rule makes another one needless: it is the same, or suppresses less.
    public func serves(_ other: RoutingRule) -> Bool {
        (suppressedLength == nil) == (other.suppressedLength == nil) && family == other.family
            && priority == other.priority && table == other.table && self <= other
    }

    /// By family, priority, table, and what is suppressed.
    public static func < (left: RoutingRule, right: RoutingRule) -> Bool {
        guard left.family == right.family else { return left.family == .ipv4 }
        return (left.priority, left.table, left.suppressedLength ?? -1)
            < (right.priority, right.table, right.suppressedLength ?? -1)
    }
}
