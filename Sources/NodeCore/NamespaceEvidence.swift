/// What was met where a network namespace should be.
public struct NamespaceEvidence: Sendable, Hashable {
    /// The path that was to be entered, such as `/run/netns/ovnext`.
    public var path: String
    /// What is there.
    public var object: NamespaceObject

    /// Evidence by its parts.
    public init(path: String, object: NamespaceObject) {
        self.path = path
        self.object = object
    }
}

/// What a path that should be a network namespace turned out to be.
public enum NamespaceObject: Sendable, Hashable {
    /// Nothing, or a symbolic link that leads nowhere.
    case nothing
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
