/// A link of the namespace that a change is meant for.
public struct LinkEvidence: Sendable, Hashable {
    /// Its index, which counts in its own namespace only.
    public var index: UInt32
    /// Its name.
    public var name: String
    /// Other names that lead to it.
    public var alternativeNames: [String] = []
    /// Its kind as the kernel names it, such as `team`, `bond` or `vlan`; nil for hardware.
    public var kind: String?
    /// What kind of port it is to its master, such as `team`; nil for what is no port.
    public var portKind: String?
    /// The index of the link it is a port of.
    public var masterIndex: UInt32?
    /// The index of the link it is built on, in the same namespace; nil for the end of a pair.
    public var parentIndex: UInt32?
    /// The kernel's number, as seen from here, of the namespace that holds the link it is built on
    /// or the other end of its pair; nil when that is this namespace, or when there is none.
    public var farNamespaceID: Int32?
    /// Whether it is set up.
    public var isUp = false
    /// Its address now.
    public var hardwareAddress: [UInt8] = []
    /// The address it was made with, where hardware has one.
    public var permanentAddress: [UInt8]?

    /// A link by its parts.
    public init(
        index: UInt32, name: String, kind: String? = nil, masterIndex: UInt32? = nil,
        parentIndex: UInt32? = nil
    ) {
        self.index = index
        self.name = name
        self.kind = kind
        self.masterIndex = masterIndex
        self.parentIndex = parentIndex
    }

    /// Whether a pattern fits one of its names.
    func isNamed(_ pattern: NamePattern) -> Bool {
        pattern.matches(name) || alternativeNames.contains { pattern.matches($0) }
    }
}
