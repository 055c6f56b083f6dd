public import LinuxSystem
public import NodeCore

/// Looks for NetworkManager and for what it says of links.
public struct NetworkManagerSurvey: Sendable {
    private let tree: FileTree
    private let busPath: String?

    /// A survey of the machine, or of a tree that stands for one.
    ///
    /// `busPath` is the socket of the system bus where it is not in its place in the tree.
    public init(_ tree: FileTree = FileTree(), busPath: String? = nil) {
        self.tree = tree
        self.busPath = busPath ?? Self.busPath(inEnvironment: tree)
    }

    /// The address that every program on the bus goes by, as in a pod with the host's mounted.
    private static func busPath(inEnvironment tree: FileTree) -> String? {
        let prefix = "DBUS_SYSTEM_BUS_ADDRESS=unix:path="
        let variables = tree.text("/proc/self/environ")?.split(separator: "\0") ?? []
        guard let address = variables.first(where: { $0.hasPrefix(prefix) }) else { return nil }
        return String(address.dropFirst(prefix.count).prefix { $0 != "," && $0 != ";" })
    }

    /// What it left to be read and says, for the links of the network namespace with this inode.
    ///
    /// With several of them, as with a container's own, the one in that namespace counts.
    public func traces(inNamespace inode: UInt64?) -> NetworkManagerTraces {
        let processes = tree.processes(named: "NetworkManager").map {
            Sight(process: $0, sharesNamespace: shares($0, inode))
        }
        let chosen =
            processes.first { $0.sharesNamespace == true }
            ?? processes.first { $0.sharesNamespace == nil } ?? processes.first
        // In another namespace it has no say here, so it is not asked.
        if chosen?.sharesNamespace == false {
            return NetworkManagerTraces(isAlive: true, sharesNamespace: false)
        }
        // Where it runs among other mounts than ours, its own files and its bus are there.
        let own = chosen.map { tree.view(ofProcess: $0.process) }
        let view = own.flatMap { $0.names(in: Self.runDirectory).isEmpty ? nil : $0 } ?? tree
        let bus = askBus(view)
        let onBus = bus.answer.map {
            Sight(process: $0.process, sharesNamespace: shares($0.process, inode))
        }
        guard let sight = chosen ?? onBus else {
            var traces = NetworkManagerTraces(
                isAlive: bus.hasFailed && mayRunUnseen, sharesNamespace: nil)
            if traces.isAlive { read(tree, &traces) }
            return traces
        }
        var traces = NetworkManagerTraces(
            isAlive: true, sharesNamespace: sight.sharesNamespace)
        // Another one may be on the bus than the one that was chosen.
        if let answer = bus.answer, sight.process == answer.process {
            traces.version = answer.version
            traces.devices = answer.devices
        }
        read(view, &traces)
        return traces
    }

    /// A process of NetworkManager's.
    private struct Sight {
        let process: Int32
        let sharesNamespace: Bool?
    }

    private func shares(_ process: Int32, _ inode: UInt64?) -> Bool? {
        guard let inode, let other = tree.networkNamespace(ofProcess: process) else { return nil }
        return other == inode
    }

    private func askBus(_ view: FileTree) -> (answer: NetworkManagerBus?, hasFailed: Bool) {
        do throws(BusError) {
            return (try NetworkManagerBus.asked(at: busPath ?? view.path(Self.bus)), false)
        } catch {
            return (nil, true)
        }
    }

    /// Whether its files are there while its process cannot be looked for: from inside a pod, the
    /// host's processes are out of sight unless the pod shares their namespace.
    private var mayRunUnseen: Bool {
        !tree.names(in: Self.runDirectory).isEmpty
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
    private static let bus = "/run/dbus/system_bus_socket"
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
