internal import Foundation
internal import LinuxSystem
internal import NodeSurvey
internal import RouteCore
internal import Synchronization

/// Three network namespaces: a gateway node, and two gateways on a link each.
///
/// Names begin with `gwdemo-` and the process's number, so that runs do not meet, and what a
/// killed run left is found.
final class DemoLab {
    /// A gateway's place: the addresses at both ends of its link.
    struct Gateway: Sendable {
        let name: String
        let address: String
        let nodeAddress: String
    }

    let gateways = [
        Gateway(name: "gw-a", address: "10.99.1.2", nodeAddress: "10.99.1.1"),
        Gateway(name: "gw-b", address: "10.99.2.2", nodeAddress: "10.99.2.1"),
    ]
    /// Where configurations, sockets and logs of this run are.
    let folder: String
    private let prefix = "gwdemo-\(ProcessInfo.processInfo.processIdentifier)-"
    private var made: [String] = []

    init() {
        folder = NSTemporaryDirectory() + "gwdemo-\(ProcessInfo.processInfo.processIdentifier)"
    }

    /// The namespace of a part: `node`, or a gateway's name.
    func namespace(of part: String) -> String { prefix + part }

    /// Makes namespaces, links and addresses.
    func build() throws {
        Self.removeLeftovers()
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        let node = try makeNamespace("node")
        try Self.inside(node.path) { links throws(LinkGateError) in
            try links.set("lo", up: true)
        }
        for gateway in gateways {
            let far = try makeNamespace(gateway.name)
            let ends = (node: node.descriptor, far: far.descriptor)
            try Self.inside(node.path) { links throws(LinkGateError) in
                try links.createPair(gateway.name, in: ends.node, peer: "node", in: ends.far)
                try Self.configure(links, gateway.name, gateway.nodeAddress)
            }
            try Self.inside(far.path) { links throws(LinkGateError) in
                try links.set("lo", up: true)
                try Self.configure(links, "node", gateway.address)
            }
        }
    }

    /// Takes everything away.
    func remove() {
        for name in made { NetworkNamespace.remove(named: name) }
        made = []
        try? FileManager.default.removeItem(atPath: folder)
    }

    private func makeNamespace(_ part: String) throws -> NetworkNamespace {
        let name = namespace(of: part)
        let namespace = try NetworkNamespace.create(named: name)
        made.append(name)
        return namespace
    }

    private static func configure(
        _ links: borrowing LabLinks, _ name: String, _ address: String
    ) throws(LinkGateError) {
        guard let address = HostAddress(address) else { return }
        try links.set(name, up: true)
        try links.add(address, length: 30, to: name)
    }

    /// Runs `body` in a thread that has entered the namespace; this one stays where it is.
    private static func inside(
        _ path: String,
        _ body: @escaping @Sendable (borrowing LabLinks) throws(LinkGateError) -> Void
    ) throws {
        let outcome = DemoOutcome()
        try SystemThread.start(name: "gw-lab") {
            do {
                try NetworkNamespace.open(path: path).enter()
                try body(try LabLinks())
            } catch {
                outcome.set("\(error)")
            }
        }.join()
        if let failure = outcome.failure {
            throw CommandError(
                "the lab could not be built: \(failure)",
                nextStep: "The kernel needs network namespaces and veth links.")
        }
    }

    /// Removes namespaces of runs whose process is gone.
    private static func removeLeftovers() {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/run/netns")) ?? []
        for name in names {
            let parts = name.split(separator: "-")
            guard parts.count >= 3, parts[0] == "gwdemo", let process = Int32(parts[1]) else {
                continue
            }
            if kill(process, 0) != 0 && errno == ESRCH { NetworkNamespace.remove(named: name) }
        }
    }
}

/// What a thread that has ended could not do.
private final class DemoOutcome: Sendable {
    private let text = Mutex<String?>(nil)

    var failure: String? { text.withLock { $0 } }

    func set(_ failure: String) {
        text.withLock { $0 = failure }
    }
}
