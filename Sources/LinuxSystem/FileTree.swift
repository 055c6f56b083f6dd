/// Files below a root: the machine's own, a process's view of them, or a tree made for a test.
///
/// What is not there or out of reach reads as nothing.
public struct FileTree: Sendable, Hashable {
    /// The root, without a slash at its end; empty for the machine's own.
    public let root: String

    /// A tree by its root; `/` is the machine's own.
    public init(root: String = "/") {
        self.root = root.hasSuffix("/") ? String(root.dropLast()) : root
    }

    /// A path inside the tree as a path of this process.
    public func path(_ path: String) -> String { root + path }

    /// The whole of a file.
    public func text(_ path: String) -> String? { ProcessFiles.text(self.path(path)) }

    /// The names in a directory, sorted, without those that begin with a dot.
    public func names(in path: String) -> [String] {
        ProcessFiles.names(in: self.path(path)).filter { !$0.hasPrefix(".") }.sorted()
    }

    /// Where a symbolic link leads, unresolved.
    public func target(_ path: String) -> String? { ProcessFiles.target(self.path(path)) }

    /// The inode of a process's network namespace.
    public func networkNamespace(ofProcess process: Int32) -> UInt64? {
        target("/proc/\(process)/ns/net").flatMap { ProcessFiles.networkInode($0) }
    }
}
