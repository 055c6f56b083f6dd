internal import CLinux
internal import Glibc
internal import Synchronization

extension NetworkNamespace {
    /// Makes a namespace under a name, as `ip netns add` does, and opens it.
    ///
    /// Needs the right to mount. The calling thread stays where it is. Fails with `EEXIST` when the
    /// name is taken, whatever it leads to.
    public static func create(named name: String) throws(NetworkNamespaceError) -> NetworkNamespace
    {
        let path = path(named: name)
        try prepareDirectory()
        let descriptor = unsafe Glibc.open(
            path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode_t(0o444))
        guard descriptor >= 0 else { throw failure(path, "create", errno) }
        close(descriptor)
        // Only a thread that goes into the new namespace can name it, so one is made for that.
        let outcome = Outcome()
        do throws(SystemError) {
            try SystemThread.start(name: "gw-netns") {
                outcome.value.store(mountNew(at: path), ordering: .releasing)
            }.join()
        } catch {
            unsafe unlink(path)
            throw .system(path: path, error: error)
        }
        let result = outcome.value.load(ordering: .acquiring)
        guard result == 0 else {
            unsafe unlink(path)
            throw failure(path, "make a network namespace", -result)
        }
        return try open(path: path)
    }

    /// Takes the name of a namespace away, as `ip netns del` does; it ends with its last user.
    public static func remove(named name: String) {
        let path = path(named: name)
        _ = unsafe gw_unmount(path)
        unsafe unlink(path)
    }

    /// Written by one thread, read after joining it.
    private final class Outcome: Sendable {
        let value = Atomic<Int32>(0)
    }

    private static func mountNew(at path: String) -> Int32 {
        let unshared = gw_unshare_network_namespace()
        guard unshared == 0 else { return unshared }
        return unsafe gw_mount_bind("/proc/thread-self/ns/net", path)
    }

    /// Makes /run/netns a mount point that mount namespaces share, as iproute2 does.
    public static func prepareDirectory() throws(NetworkNamespaceError) {
        let directory = "/run/netns"
        if unsafe mkdir(directory, 0o755) != 0 && errno != EEXIST {
            throw failure(directory, "mkdir", errno)
        }
        guard unsafe gw_make_shared_mount(directory) != 0 else { return }
        let bound = unsafe gw_mount_bind(directory, directory)
        guard bound == 0 else { throw failure(directory, "mount", -bound) }
        let shared = unsafe gw_make_shared_mount(directory)
        guard shared == 0 else { throw failure(directory, "mount", -shared) }
    }

    private static func failure(
        _ path: String, _ operation: String, _ number: Int32
    ) -> NetworkNamespaceError {
        let errno = Errno(rawValue: number)
        if errno == .operationNotPermitted || errno == .permissionDenied {
            return .notPermitted(path: path, operation: operation)
        }
        return .system(path: path, error: SystemError(operation: operation, errno: errno))
    }
}
