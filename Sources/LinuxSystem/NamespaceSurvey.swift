internal import Glibc

/// A place where a network namespace was seen alive.
public struct NamespaceSight: Sendable, Hashable {
    /// What keeps it alive there.
    public enum Hold: Sendable, Hashable {
        /// A mount under the name that was looked for.
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
}

/// Looks through all processes for network namespaces that no name leads to from here.
public struct NamespaceSurvey {
    private let path: String
    private let interface: String?
    private let ownInode: UInt64?
    private let device = ProcessFiles.namespaceDevice()
    private let ownMounts: String?
    private var searchedMounts: Set<String> = []
    private var interfaceByInode: [UInt64: Bool] = [:]
    private var seen: Set<UInt64> = []
    private var sights: [NamespaceSight] = []

    /// A survey for the namespace that `path` once led to, and that holds `interface`.
    private init(path: String, interface: String?) {
        self.path = path
        self.interface = interface
        ownInode = ProcessFiles.target("/proc/thread-self/ns/net").flatMap {
            ProcessFiles.networkInode($0)
        }
        ownMounts = ProcessFiles.target("/proc/thread-self/ns/mnt")
    }

    /// Every such namespace, mounts first; without an interface, only mounts of the same name and
    /// namespaces that have no name at all here.
    public static func search(path: String, interface: String?) -> [NamespaceSight] {
        ThreadCapabilities.raising(.sysPtrace) { find(path, interface) }
    }

    private static func find(_ path: String, _ interface: String?) -> [NamespaceSight] {
        var survey = NamespaceSurvey(path: path, interface: interface)
        let processes = ProcessFiles.numbers(in: "/proc")
        for process in processes { survey.searchMounts(process) }
        let mounted = survey.sights
        survey.seen = Set(mounted.map(\.inode)).union(namedHere())
        for process in processes { survey.searchThreads(process) }
        for process in processes { survey.searchDescriptors(process) }
        return survey.sights
    }

    /// A path by which a namespace that a process holds or lives in can be opened; nil for none.
    public static func path(to inode: UInt64, in process: Int32) -> String? {
        let threads = ProcessFiles.numbers(in: "/proc/\(process)/task").map {
            "/proc/\(process)/task/\($0)/ns/net"
        }
        let files = ProcessFiles.numbers(in: "/proc/\(process)/fd").map {
            "/proc/\(process)/fd/\($0)"
        }
        let device = ProcessFiles.namespaceDevice()
        return (threads + files).first { path in
            ProcessFiles.networkInode(ofDescriptor: path, device: device) == inode
        }
    }

    /// Whether something is a symbolic link, wherever it leads.
    public static func isLink(_ path: String) -> Bool { ProcessFiles.target(path) != nil }

    /// Whether mounts next to the path reach other mount namespaces; nil where iproute2 keeps none.
    public static func isDirectoryShared(of path: String) -> Bool? {
        guard path.hasPrefix("/run/netns/") || path.hasPrefix("/var/run/netns/") else {
            return nil
        }
        let mounts = ProcessFiles.text("/proc/thread-self/mountinfo")?.split(separator: "\n") ?? []
        for directory in ["/run/netns", "/run", "/"] {
            let mount = mounts.last { line in
                let fields = line.split(separator: " ")
                return fields.count > 6 && fields[4] == directory
            }
            if let mount { return mount.contains(" shared:") }
        }
        return nil
    }

    /// Whether an interface is in the namespace at a path; nil when it cannot be entered.
    public static func hasInterface(_ name: String, at path: String) -> Bool? {
        try? NamespaceVisit.make(path) { NetworkInterface.index(named: name) != nil }
    }

    private mutating func searchMounts(_ process: Int32) {
        guard let mounts = ProcessFiles.target("/proc/\(process)/ns/mnt"), mounts != ownMounts,
            searchedMounts.insert(mounts).inserted,
            let text = ProcessFiles.text("/proc/\(process)/mountinfo")
        else { return }
        let name = path.split(separator: "/").last ?? ""
        for line in text.split(separator: "\n") where line.contains(" - nsfs ") {
            let fields = line.split(separator: " ")
            guard fields.count > 6, let inode = ProcessFiles.networkInode(fields[3]),
                fields[4] == path || fields[4].hasSuffix("/netns/\(name)")
            else { continue }
            add(.mount, process, "/proc/\(process)/root\(fields[4])", inode)
        }
    }

    private mutating func searchThreads(_ process: Int32) {
        for thread in ProcessFiles.numbers(in: "/proc/\(process)/task") {
            let path = "/proc/\(process)/task/\(thread)/ns/net"
            guard let inode = ProcessFiles.target(path).flatMap({ ProcessFiles.networkInode($0) })
            else { continue }
            addIfNew(.process, process, path, inode)
        }
    }

    private mutating func searchDescriptors(_ process: Int32) {
        for number in ProcessFiles.numbers(in: "/proc/\(process)/fd") {
            let path = "/proc/\(process)/fd/\(number)"
            guard let inode = ProcessFiles.networkInode(ofDescriptor: path, device: device)
            else { continue }
            addIfNew(.descriptor, process, path, inode)
        }
    }

    private mutating func addIfNew(
        _ hold: NamespaceSight.Hold, _ process: Int32, _ path: String, _ inode: UInt64
    ) {
        guard inode != ownInode, seen.insert(inode).inserted else { return }
        add(hold, process, path, inode)
        // With an interface to go by, a namespace without it is another one.
        if interface != nil, sights.last?.hasInterface == false { sights.removeLast() }
    }

    private mutating func add(
        _ hold: NamespaceSight.Hold, _ process: Int32, _ path: String, _ inode: UInt64
    ) {
        let hasInterface = interface.flatMap { Self.hasInterface($0, at: path) }
        let command = ProcessFiles.text("/proc/\(process)/comm")?.split(separator: "\n").first
        sights.append(
            NamespaceSight(
                hold: hold, process: process, command: command.map { String($0) } ?? "?",
                path: path, inode: inode, hasInterface: hasInterface))
    }

    /// The namespaces that have a mount in this mount namespace.
    private static func namedHere() -> Set<UInt64> {
        let text = ProcessFiles.text("/proc/thread-self/mountinfo") ?? ""
        return Set(
            text.split(separator: "\n").compactMap { line in
                let fields = line.split(separator: " ")
                return fields.count > 6 ? ProcessFiles.networkInode(fields[3]) : nil
            })
    }
}
