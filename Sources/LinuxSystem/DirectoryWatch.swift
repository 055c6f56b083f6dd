internal import CLinux

/// Says that a name came to a directory or left it (inotify(7)); mounts on a name say nothing.
public struct DirectoryWatch: ~Copyable, Sendable {
    private let owned: OwnedDescriptor

    /// A watch on nothing yet.
    public init() throws(SystemError) {
        owned = OwnedDescriptor(
            owning: try SystemError.check(gw_inotify_create(), "inotify_init1"))
    }

    /// Readable once a name has come or gone.
    public var descriptor: Int32 { owned.rawValue }

    /// Watches what is at the path now, which may be another directory than before; whether that
    /// was possible. With `contents`, also for files in it that have been written.
    @discardableResult
    public borrowing func watch(_ directory: String, contents: Bool = false) -> Bool {
        unsafe gw_inotify_watch(owned.rawValue, directory, contents) == 0
    }

    /// Makes it unreadable again.
    public borrowing func acknowledge() {
        gw_inotify_acknowledge(owned.rawValue)
    }
}
