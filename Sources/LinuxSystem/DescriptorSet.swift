internal import CLinux

/// A descriptor that is ready while one of a set is: what a loop within another one is known by.
public final class DescriptorSet: Sendable {
    private let owned: OwnedDescriptor

    /// An empty set, never ready.
    public init() throws(SystemError) {
        owned = OwnedDescriptor(owning: try SystemError.check(gw_epoll_create(), "epoll_create1"))
    }

    /// Readable while a member is ready.
    public var descriptor: Int32 { owned.rawValue }

    /// Adds an open descriptor that is no member yet.
    public func insert(_ member: Int32, isForWriting: Bool) {
        // Out of memory for it, the member is still looked at with every turn of the loop.
        _ = gw_epoll_insert(owned.rawValue, member, isForWriting)
    }

    /// Takes a member out; one that has been closed is out already.
    public func remove(_ member: Int32) {
        _ = gw_epoll_remove(owned.rawValue, member)
    }
}
