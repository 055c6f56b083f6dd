internal import CLinux
internal import Glibc

/// Why a living namespace was not mounted under a name.
public enum AdoptionError: Error, Sendable, Hashable {
    /// The living one cannot be opened.
    case source(NetworkNamespaceError)
    /// Something other than nothing or a plain file has the name.
    case nameTaken(path: String)
    /// The kernel refused.
    case system(path: String, SystemError)
    /// What the name led to afterwards was not the living one; the mount was taken back.
    case otherInode(path: String, expected: UInt64)
}

extension NetworkNamespace {
    /// Mounts the living namespace at `source` on `path`, and gives its inode.
    ///
    /// By mount(2) from an open descriptor: mount(8) would resolve the link to the path's own file
    /// and bind that on itself. Nothing is unlinked, nobody in the namespace notices.
    public static func adopt(
        from source: String, onto path: String
    ) throws(AdoptionError) -> UInt64 {
        let living: NetworkNamespace
        do throws(NetworkNamespaceError) {
            living = try open(path: source)
        } catch {
            throw .source(error)
        }
        if let present = try? open(path: path) {
            guard present.inode == living.inode else { throw .nameTaken(path: path) }
            return living.inode
        }
        let isFileNew = try prepareFile(path)
        let result = unsafe gw_mount_bind("/proc/thread-self/fd/\(living.descriptor)", path)
        guard result == 0 else {
            // Left there, it would look like what a dead namespace leaves.
            if isFileNew { unsafe unlink(path) }
            throw .system(
                path: path, SystemError(operation: "mount", errno: Errno(rawValue: -result)))
        }
        guard let mounted = try? open(path: path), mounted.inode == living.inode else {
            _ = unsafe gw_unmount(path)
            throw .otherInode(path: path, expected: living.inode)
        }
        return living.inode
    }

    /// Has a plain file at the path; one that is there is left as it is. Whether it is a new one.
    private static func prepareFile(_ path: String) throws(AdoptionError) -> Bool {
        var status = stat()
        if unsafe lstat(path, &status) == 0 {
            guard status.st_mode & S_IFMT == S_IFREG else { throw .nameTaken(path: path) }
            return false
        }
        let descriptor = unsafe Glibc.open(
            path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode_t(0o444))
        guard descriptor >= 0 else {
            throw .system(
                path: path, SystemError(operation: "create", errno: Errno(rawValue: errno)))
        }
        close(descriptor)
        return true
    }

    /// Takes away a plain file that a namespace left behind; a mount on it keeps it (`EBUSY`).
    ///
    /// The caller has searched that nothing lives behind it.
    public static func removeLeftover(_ path: String) throws(SystemError) {
        guard (try? open(path: path)) == nil else {
            throw SystemError(operation: "unlink \(path)", errno: Errno(rawValue: EBUSY))
        }
        guard unsafe unlink(path) == 0 else {
            throw SystemError(operation: "unlink \(path)", errno: Errno(rawValue: errno))
        }
    }
}
