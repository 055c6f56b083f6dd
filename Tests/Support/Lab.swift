public import Foundation

/// A small network on the real kernel: namespaces, links between them, and processes inside.
///
/// Everything carries the lab's own random name and goes when the lab goes. A lab whose owner
/// crashed is removed when the next one is built.
public final class Lab {
    /// Eight random letters and digits, part of the name of everything the lab makes.
    public let identifier: String
    /// For configurations, sockets, logs and captures; removed with the lab.
    public let folder: URL
    private var namespaces: [Namespace] = []
    private var processes: [RunningProcess] = []

    /// Starts an empty lab.
    public init() throws {
        try LabRequirements.check()
        LabSweep.removeLeftoversOnce()
        let letters = "abcdefghijklmnopqrstuvwxyz0123456789"
        identifier = String((0..<8).compactMap { _ in letters.randomElement() })
        folder = URL(filePath: "/tmp/gwt-\(identifier)")
        try FileManager.default.createDirectory(
            at: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o755])
        try LabSweep.writeOwner(of: folder)
    }

    deinit {
        remove()
    }

    /// Makes a namespace that forwards, accepts asymmetric paths and uses addresses at once.
    public func namespace(_ role: String) throws -> Namespace {
        let namespace = Namespace(name: "gwt-\(identifier)-\(role)")
        try Command.run(["ip", "netns", "add", namespace.name])
        namespaces.append(namespace)
        try namespace.set([
            ("net/ipv4/conf/all/rp_filter", 0), ("net/ipv4/conf/default/rp_filter", 0),
            ("net/ipv6/conf/all/accept_dad", 0), ("net/ipv6/conf/default/accept_dad", 0),
        ])
        try namespace.setForwarding(true)
        try namespace.run("ip", "link", "set", "dev", "lo", "up")
        return namespace
    }

    /// Joins two namespaces with a cable; each end has its name and addresses (with length).
    public func link(_ one: LinkEnd, _ other: LinkEnd) throws {
        try Command.run([
            "ip", "link", "add", "name", one.name, "netns", one.namespace.name, "type", "veth",
            "peer", "name", other.name, "netns", other.namespace.name,
        ])
        for end in [one, other] {
            for address in end.addresses {
                let nodad = address.contains(":") ? ["nodad"] : []
                try Command.run(
                    ["ip", "address", "add", address, "dev", end.name] + nodad, in: end.namespace)
            }
            try end.namespace.run("ip", "link", "set", "dev", end.name, "up")
        }
    }

    /// Makes a bridge out of links that lead into its namespace.
    public func bridge(_ name: String, in namespace: Namespace, ports: [String]) throws {
        try namespace.run("ip", "link", "add", name, "type", "bridge")
        for port in ports {
            try namespace.run("ip", "link", "set", "dev", port, "master", name)
        }
        try namespace.run("ip", "link", "set", "dev", name, "up")
    }

    /// Starts a process that runs until it is ended, or until the lab goes.
    public func start(
        _ name: String, _ arguments: [String], in namespace: Namespace? = nil
    ) throws -> RunningProcess {
        let log = folder.appending(path: "\(processes.count)-\(name).log")
        let process = try RunningProcess(arguments, in: namespace, log: log)
        processes.append(process)
        try LabSweep.remember(process.identifier, in: folder)
        return process
    }

    /// A new folder inside the lab's own.
    public func makeFolder(_ name: String) throws -> URL {
        let made = folder.appending(path: name)
        try FileManager.default.createDirectory(at: made, withIntermediateDirectories: false)
        return made
    }

    /// The last lines of what every process wrote.
    public func logs(lines: Int = 15) -> String {
        let parts = processes.map { process in
            let tail = process.output.split(separator: "\n").suffix(lines)
            return "--- \(process.log.lastPathComponent)\n" + tail.joined(separator: "\n")
        }
        return parts.joined(separator: "\n")
    }

    /// Ends and removes everything; harmless when repeated.
    public func remove() {
        processes.forEach { $0.end() }
        processes = []
        LabSweep.remove(folder: folder, namespaces: namespaces.map(\.name))
        namespaces = []
    }
}

/// One end of a cable between two namespaces.
public struct LinkEnd: Sendable {
    /// Where the end is plugged in.
    public let namespace: Namespace
    /// The interface's name there.
    public let name: String
    /// Addresses with prefix length, IPv4 and IPv6.
    public let addresses: [String]

    /// An end with its name and addresses.
    public init(_ namespace: Namespace, _ name: String, _ addresses: String...) {
        self.init(namespace, name, addresses: addresses)
    }

    /// An end with its name and a list of addresses.
    public init(_ namespace: Namespace, _ name: String, addresses: [String]) {
        self.namespace = namespace
        self.name = name
        self.addresses = addresses
    }
}

/// Builds a lab, lends it to `body`, and removes it whatever happens.
///
/// When `body` throws, the end of every process' log is printed.
public func withLab<Value>(_ body: (Lab) async throws -> Value) async throws -> Value {
    let lab = try Lab()
    defer { lab.remove() }
    do {
        return try await body(lab)
    } catch {
        print("lab \(lab.identifier): \(error)\n\(lab.logs())")
        throw error
    }
}
