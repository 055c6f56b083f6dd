/// What was met where a network namespace should be.
public struct NamespaceEvidence: Sendable, Hashable {
    /// The path that was to be entered, such as `/run/netns/ovnext`.
    public var path: String
    /// What is there.
    public var object: NamespaceObject
    /// Where else the namespace was seen alive; nil when nobody has looked.
    public var sightings: [NamespaceSighting]?
    /// Whether mounts below the path's directory reach other mount namespaces; nil when unknown.
    public var isDirectoryShared: Bool?
    /// The interface that makes it the right namespace, such as `ovnext0`; nil for any.
    public var interface: String?
    /// What the inside looks like; nil when it was not entered.
    public var interior: NamespaceInterior?
    /// The namespace that the one who asks lives in, and knows to have had this name.
    public var held: NamespaceSighting?

    /// Evidence by its parts.
    public init(path: String, object: NamespaceObject) {
        self.path = path
        self.object = object
    }
}

/// What a path that should be a network namespace turned out to be.
public enum NamespaceObject: Sendable, Hashable {
    /// A network namespace, which this inode identifies.
    case networkNamespace(inode: UInt64)
    /// Nothing.
    case nothing
    /// A symbolic link that leads nowhere.
    case danglingLink
    /// A plain file on which nothing is mounted as far as this mount namespace shows.
    case plainFile
    /// A directory.
    case directory
    /// A namespace of another type, by its name in `/proc/self/ns`, such as `mnt`.
    case otherNamespace(type: String)
    /// Anything else: a device, a socket, a file of `/proc`.
    case somethingElse
    /// Unknown: the operation, such as `setns`, was refused for want of rights.
    case outOfReach(operation: String)
    /// Unknown: the operation failed with this text of the kernel's.
    case failing(operation: String, reason: String)
}

/// A place where a network namespace is alive.
public struct NamespaceSighting: Sendable, Hashable {
    /// What keeps it alive there.
    public enum Hold: Sendable, Hashable {
        /// A mount of the same name in another mount namespace.
        case mount
        /// A process or thread that lives in it.
        case process
        /// An open descriptor.
        case descriptor
    }

    /// What keeps it alive.
    public let hold: Hold
    /// The process through which it was seen.
    public let process: Int32
    /// The process by its short name.
    public let command: String
    /// The path by which it can be opened from here.
    public let path: String
    /// The inode that identifies it.
    public let inode: UInt64
    /// Whether the interface that was looked for is in it; nil when it could not be entered.
    public let hasInterface: Bool?

    /// A sighting by its parts.
    public init(
        _ hold: Hold, process: Int32, command: String, path: String, inode: UInt64,
        hasInterface: Bool?
    ) {
        self.hold = hold
        self.process = process
        self.command = command
        self.path = path
        self.inode = inode
        self.hasInterface = hasInterface
    }
}

/// What a network namespace looks like from inside; what nobody has looked at is nil.
public struct NamespaceInterior: Sendable, Hashable {
    /// Whether the expected interface is there.
    public var hasInterface: Bool?
    /// What is wrong with the interface, in words, such as "down".
    public var interfaceFaults: [String] = []
    /// What Open vSwitch and OVN say against the port, in words; empty when nothing.
    public var ovnFaults: [String] = []
    /// A gateway that does not answer ARP or neighbour solicitations.
    public var silentGateway: String?
    /// Whether a BFD daemon answers; nil when it was not asked.
    public var hasDaemon: Bool?
    /// An address that sends BFD packets and is no configured peer.
    public var unknownPeer: String?
    /// A peer from which no BFD packet has come.
    public var silentPeer: String?
    /// A peer whose packets are discarded, the reason, and how many.
    public var discarded: DiscardedPackets?

    /// An interior that nobody has looked at.
    public init() {}
}

/// Packets of a peer that were discarded.
public struct DiscardedPackets: Sendable, Hashable {
    /// The peer's name or address.
    public let peer: String
    /// Why, such as `ttl_not_255`.
    public let reason: String
    /// How many.
    public let count: UInt64

    /// Discards by their parts.
    public init(peer: String, reason: String, count: UInt64) {
        self.peer = peer
        self.reason = reason
        self.count = count
    }
}
