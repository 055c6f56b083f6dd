internal import CLinux
internal import Glibc

/// Why a network namespace could not be entered; each case has another repair.
public enum NetworkNamespaceError: Error, Sendable, Hashable {
    /// Nothing is at the path.
    case absent(path: String)
    /// A plain file: nothing is mounted on it, at least not in this mount namespace.
    case plainFile(path: String)
    /// A directory.
    case directory(path: String)
    /// A namespace, but of another kind, with the kind's name in `/proc/self/ns`.
    case otherType(path: String, type: String)
    /// Something that is neither a file, a directory nor a namespace.
    case notNamespace(path: String)
    /// The kernel refused for want of rights.
    case notPermitted(path: String, operation: String)
    /// Anything else the kernel said.
    case system(path: String, error: SystemError)
}

/// A network namespace, held by a descriptor: it lives on even if its name goes away.
public struct NetworkNamespace: ~Copyable, Sendable {
    private let owned: OwnedDescriptor
    /// The path it was opened by.
    public let path: String
    /// The inode that identifies the namespace on this machine.
    public let inode: UInt64

    private init(owning descriptor: consuming OwnedDescriptor, path: String, inode: UInt64) {
        owned = descriptor
        self.path = path
        self.inode = inode
    }

    /// The descriptor, valid while this value lives.
    public var descriptor: Int32 { owned.rawValue }

    /// Where iproute2 keeps the namespace `name`; a text with a slash is a path already.
    public static func path(named name: String) -> String {
        name.contains("/") ? name : "/run/netns/\(name)"
    }

    /// The namespace of the calling thread.
    public static func current() throws(NetworkNamespaceError) -> NetworkNamespace {
        try open(path: "/proc/thread-self/ns/net")
    }

    /// The inode of the calling thread's namespace, or 0; allocates nothing.
    public static func currentInode() -> UInt64 { gw_network_namespace_inode() }

    /// Opens the namespace at `path` and verifies that it is one, and of the right kind.
    public static func open(path: String) throws(NetworkNamespaceError) -> NetworkNamespace {
        let descriptor = try openFile(path)
        let rawValue = descriptor.rawValue
        guard gw_file_system_magic(rawValue) == gw_nsfs_magic() else {
            throw classify(rawValue, path: path)
        }
        let type = gw_namespace_type(rawValue)
        if type < 0 {
            throw .system(
                path: path,
                error: SystemError(operation: "NS_GET_NSTYPE", errno: Errno(rawValue: -type)))
        }
        guard type == gw_clone_newnet() else {
            throw .otherType(path: path, type: typeName(type))
        }
        var status = stat()
        let inode = unsafe fstat(rawValue, &status) == 0 ? UInt64(status.st_ino) : 0
        return NetworkNamespace(owning: descriptor, path: path, inode: inode)
    }

    /// Moves the calling thread into the namespace (setns(2)).
    public borrowing func enter() throws(NetworkNamespaceError) {
        let descriptor = owned.rawValue
        let result = ThreadCapabilities.raising(.sysAdmin) {
            gw_enter_network_namespace(descriptor)
        }
        guard result < 0 else { return }
        let errno = Errno(rawValue: -result)
        if errno == .operationNotPermitted {
            throw .notPermitted(path: path, operation: "setns")
        }
        throw .system(path: path, error: SystemError(operation: "setns", errno: errno))
    }

    private static func openFile(
        _ path: String
    ) throws(NetworkNamespaceError) -> OwnedDescriptor {
        let rawValue = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        if rawValue >= 0 { return OwnedDescriptor(owning: rawValue) }
        let errno = Errno(rawValue: Glibc.errno)
        switch errno {
        case .noSuchFile: throw .absent(path: path)
        case .permissionDenied, .operationNotPermitted: throw refused(path)
        default: throw .system(path: path, error: SystemError(operation: "open", errno: errno))
        }
    }

    /// What may not be opened can be looked at: the file that a namespace is about to be mounted on
    /// has no mode, and who has no more rights than its owner may not open it.
    private static func refused(_ path: String) -> NetworkNamespaceError {
        let refusal = NetworkNamespaceError.notPermitted(path: path, operation: "open")
        let rawValue = unsafe gw_open_path(path)
        guard rawValue >= 0 else { return refusal }
        let descriptor = OwnedDescriptor(owning: rawValue)
        let isNamespace = gw_file_system_magic(descriptor.rawValue) == gw_nsfs_magic()
        return isNamespace ? refusal : classify(descriptor.rawValue, path: path)
    }

    private static func classify(_ descriptor: Int32, path: String) -> NetworkNamespaceError {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { return .notNamespace(path: path) }
        switch status.st_mode & S_IFMT {
        case S_IFREG: return .plainFile(path: path)
        case S_IFDIR: return .directory(path: path)
        default: return .notNamespace(path: path)
        }
    }

    private static func typeName(_ type: Int32) -> String {
        switch type {
        case 0x0002_0000: "mnt"
        case 0x0200_0000: "cgroup"
        case 0x0400_0000: "uts"
        case 0x0800_0000: "ipc"
        case 0x1000_0000: "user"
        case 0x2000_0000: "pid"
        case 0x0000_0080: "time"
        default: "unknown (\(type))"
        }
    }
}
