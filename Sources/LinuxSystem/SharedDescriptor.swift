internal import Glibc

/// A descriptor that several threads hold together, closed when the last of them lets go.
public final class SharedDescriptor: Sendable {
    private let owned: OwnedDescriptor

    /// Another descriptor of what one leads to.
    public init(duplicating descriptor: Int32) throws(SystemError) {
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0 else {
            throw SystemError(operation: "dup", errno: Errno(rawValue: Glibc.errno))
        }
        owned = OwnedDescriptor(owning: copy)
    }

    /// The number, valid while this object lives.
    public var rawValue: Int32 { owned.rawValue }
}
