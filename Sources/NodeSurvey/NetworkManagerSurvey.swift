public import LinuxSystem
public import NodeCore

/// Looks for NetworkManager and for what it says of links.
public struct NetworkManagerSurvey: Sendable {
    private let tree: FileTree

    /// A survey of the machine, or of a tree that stands for one.
    public init(_ tree: FileTree = FileTree()) {
        self.tree = tree
    }

    /// What it left to be read, for the links of the network namespace with this inode.
    ///
    /// With several of them, as with a container's own, the one in that namespace counts.
    public func traces(inNamespace inode: UInt64?) -> NetworkManagerTraces {
        let processes = tree.processes(named: "NetworkManager")
        let shares = processes.map { process -> Bool? in
            guard let inode, let other = tree.networkNamespace(ofProcess: process) else {
                return nil
            }
            return other == inode
        }
        if processes.isEmpty, !mayRunUnseen { return .init(isAlive: false, sharesNamespace: nil) }
        let chosen =
            shares.firstIndex(of: true) ?? shares.firstIndex(of: nil) ?? shares.indices.first
        var traces = NetworkManagerTraces(
            isAlive: true, sharesNamespace: chosen.flatMap { shares[$0] })
        // Where it runs among other mounts than ours, its own files are there.
        let own = chosen.map { tree.view(ofProcess: processes[$0]) }
        read(own.flatMap { $0.names(in: Self.runDirectory).isEmpty ? nil : $0 } ?? tree, &traces)
        return traces
    }

    /// Whether a pid file is there while its process cannot be looked for: from inside a pod, the
    /// host's processes are out of sight unless the pod shares their namespace.
    private var mayRunUnseen: Bool {
        tree.text(Self.runDirectory + "/NetworkManager.pid") != nil
            && tree.target("/proc/self/ns/pid") != Self.firstProcessNamespace
    }

    private func read(_ tree: FileTree, _ traces: inout NetworkManagerTraces) {
        let devices = Self.runDirectory + "/devices"
        for name in tree.names(in: devices) {
            guard let index = UInt32(name) else { continue }
            traces.deviceFiles[index] = tree.text("\(devices)/\(name)")
        }
        for directory in ["/etc", "/run", "/usr/lib"] {
            let profiles = directory + "/NetworkManager/system-connections"
            traces.profiles += tree.names(in: profiles).compactMap {
                tree.text("\(profiles)/\($0)")
            }
        }
        traces.configuration = configuration(tree)
    }

    /// Its configuration in the order in which it reads it: a file of the operator's hides the one
    /// of the same name that a package brought.
    private func configuration(_ tree: FileTree) -> [String] {
        var hidden: Set<String> = []
        var fragments: [(name: String, path: String)] = []
        for directory in ["/etc", "/run", "/usr/lib"] {
            let folder = directory + "/NetworkManager/conf.d"
            for name in tree.names(in: folder) where name.hasSuffix(".conf") {
                guard hidden.insert(name).inserted else { continue }
                fragments.append((name, "\(folder)/\(name)"))
            }
        }
        let isOperators = { (path: String) in path.hasPrefix("/etc/") }
        let packaged = fragments.filter { !isOperators($0.path) }.sorted { $0.name < $1.name }
        let own = fragments.filter { isOperators($0.path) }
        let paths =
            packaged.map(\.path) + ["/etc/NetworkManager/NetworkManager.conf"] + own.map(\.path)
            + ["/var/lib/NetworkManager/NetworkManager-intern.conf"]
        return paths.compactMap(tree.text)
    }

    private static let runDirectory = "/run/NetworkManager"
    /// The inode that the kernel gives the process namespace of the machine itself.
    private static let firstProcessNamespace = "pid:[4026531836]"
}

extension FileTree {
    /// Processes whose short name this is, in ascending order.
    fileprivate func processes(named name: String) -> [Int32] {
        names(in: "/proc").compactMap { Int32($0) }.sorted().filter {
            text("/proc/\($0)/comm")?.split(separator: "\n").first.map(String.init) == name
        }
    }

    /// The files as a process sees them.
    fileprivate func view(ofProcess process: Int32) -> FileTree {
        FileTree(root: path("/proc/\(process)/root"))
    }
}
