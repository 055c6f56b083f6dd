/// A network namespace of a lab.
public struct Namespace: Sendable, Hashable {
    /// Its name, as `ip netns` shows it.
    public let name: String

    /// Where it is mounted.
    public var path: String { "/run/netns/\(name)" }

    /// Runs a command inside and returns its output.
    @discardableResult
    public func run(_ arguments: String...) throws -> String {
        try Command.run(arguments, in: self)
    }

    /// Sets kernel variables of the namespace, such as `net/ipv4/ip_forward`.
    public func set(_ variables: [(path: String, value: Int)]) throws {
        let script = variables.map { "echo \($0.value) > /proc/sys/\($0.path)" }
        try Command.run(["sh", "-ec", script.joined(separator: "\n")], in: self)
    }

    /// Whether packets that are not for the namespace itself are passed on.
    public func setForwarding(_ isOn: Bool) throws {
        let value = isOn ? 1 : 0
        try set([
            ("net/ipv4/ip_forward", value),
            ("net/ipv6/conf/all/forwarding", value),
        ])
    }
}
