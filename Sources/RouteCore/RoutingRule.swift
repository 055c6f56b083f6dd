/// An entry of the kernel's routing policy that leads all traffic of a family to a table.
public struct RoutingRule: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The family of the traffic.
    public let family: HostAddress.Family
    /// The place in the order of rules: lower comes first.
    public let priority: UInt32
    /// The table it leads to.
    public let table: UInt32

    /// A rule by its parts.
    public init(family: HostAddress.Family, priority: UInt32, table: UInt32) {
        self.family = family
        self.priority = priority
        self.table = table
    }

    /// As an operator says it.
    public var description: String {
        "\(family == .ipv4 ? "IPv4" : "IPv6") rule \(priority) to table \(table)"
    }

    /// By family, priority, table.
    public static func < (left: RoutingRule, right: RoutingRule) -> Bool {
        guard left.family == right.family else { return left.family == .ipv4 }
        return (left.priority, left.table) < (right.priority, right.table)
    }
}
