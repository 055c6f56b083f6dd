/// A network namespace that several threads hold together; it lives on even if its name goes away.
public final class SharedNamespace: Sendable {
    private let namespace: NetworkNamespace

    /// Opens the namespace at a path, and verifies that it is one.
    public init(path: String) throws(NetworkNamespaceError) {
        namespace = try NetworkNamespace.open(path: path)
    }

    /// The namespace of the calling thread.
    public static func current() throws(NetworkNamespaceError) -> SharedNamespace {
        try SharedNamespace(path: "/proc/thread-self/ns/net")
    }

    /// The path it was opened by.
    public var path: String { namespace.path }
    /// The inode that identifies the namespace on this machine.
    public var inode: UInt64 { namespace.inode }
    /// The descriptor, valid while this object lives.
    public var descriptor: Int32 { namespace.descriptor }

    /// Moves the calling thread into the namespace.
    public func enter() throws(NetworkNamespaceError) {
        try namespace.enter()
    }
}
