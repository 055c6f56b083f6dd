/// A change that a program may ask of a link.
public enum LinkChange: String, Sendable, Hashable, CaseIterable {
    case create = "create"
    case setUp = "set-up"
    case setDown = "set-down"
    case rename = "rename"
    case setHardwareAddress = "set-hardware-address"
    case setMTU = "set-mtu"
    case setMaster = "set-master"
    case moveToNamespace = "move-to-namespace"
    case changeKindOptions = "change-kind-options"
    case delete = "delete"
    case replaceQueueing = "replace-queueing"
    case changeAddresses = "change-addresses"
    case changeForeignRoute = "change-foreign-route"
    /// A route with our own protocol number, out of the link.
    case changeOwnRoute = "change-own-route"
}

/// A change of a link with all that the kernel is told of it.
///
/// These are the changes that this program can send; each belongs to a `LinkChange`.
public enum LinkOperation: Sendable, Hashable {
    /// Sets the link up.
    case setUp
    /// Sets the link down.
    case setDown
    /// Adds an address with its on-link prefix.
    case addAddress(LinkAddress)
    /// Deletes the link.
    case delete
    /// Makes a pair of virtual links; each end in the namespace behind its descriptor.
    case createPair(LinkEndpoint, LinkEndpoint)

    /// What the rules call it.
    public var change: LinkChange {
        switch self {
        case .setUp: .setUp
        case .setDown: .setDown
        case .addAddress: .changeAddresses
        case .delete: .delete
        case .createPair: .create
        }
    }
}

/// An address of a link with its on-link prefix.
public struct LinkAddress: Sendable, Hashable {
    /// Four or sixteen octets.
    public let bytes: [UInt8]
    /// The length of the prefix in bits.
    public let prefixLength: UInt8

    /// An address by its octets.
    public init(bytes: [UInt8], prefixLength: UInt8) {
        self.bytes = bytes
        self.prefixLength = prefixLength
    }
}

/// One end of a pair of links that is yet to be made.
public struct LinkEndpoint: Sendable, Hashable {
    /// The name it gets.
    public let name: String
    /// An open descriptor of the namespace it gets into.
    public let namespace: Int32

    /// An end by its name and its namespace's descriptor.
    public init(name: String, namespace: Int32) {
        self.name = name
        self.namespace = namespace
    }
}

/// Leave for one change of one link, and for no other.
///
/// Only `LinkGuard` grants it, and nothing sends a change of a link to the kernel without it.
public struct LinkPermit: ~Copyable, Sendable {
    /// What may be done.
    public let operation: LinkOperation
    /// The link's index; 0 for one that is yet to be made.
    public let index: UInt32
    /// The link's name.
    public let name: String

    init(_ operation: LinkOperation, index: UInt32, name: String) {
        self.operation = operation
        self.index = index
        self.name = name
    }
}
