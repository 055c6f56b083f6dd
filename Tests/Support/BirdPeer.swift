internal import Foundation

/// BIRD 2 with nothing but its BFD protocol, in a namespace of a lab.
public final class BirdPeer: GatewayPeer {
    /// The sessions it keeps.
    public let links: [PeerLink]
    private let lab: Lab
    /// Where it runs.
    public let namespace: Namespace
    private let folder: URL
    /// What its packets are authenticated with from the next start or `reconfigure` on.
    public var authentication: BirdAuthentication?
    private var timers: PeerTimers
    private var process: RunningProcess?

    /// A peer that is not started yet; `name` tells it from others in the same namespace.
    public init(
        in lab: Lab, _ namespace: Namespace, name: String = "bird", links: [PeerLink],
        timers: PeerTimers
    ) throws {
        self.lab = lab
        self.namespace = namespace
        self.links = links
        self.timers = timers
        folder = try lab.makeFolder("\(name)-\(namespace.name)")
    }

    private var configuration: String { folder.appending(path: "bird.conf").path }
    private var socket: String { folder.appending(path: "bird.ctl").path }

    /// Starts BIRD in the foreground and waits until it answers.
    public func start() async throws {
        try writeConfiguration()
        process = try lab.start(
            "bird",
            [
                "bird", "-f", "-c", configuration, "-s", socket,
                "-P", folder.appending(path: "bird.pid").path,
            ], in: namespace)
        try await eventually("BIRD answers") { try !view().isEmpty }
    }

    /// Ends BIRD without a word to its peers; the wall-clock time just before.
    public func kill9() async throws -> Int64 {
        guard let process else { throw LabError("BIRD was not started") }
        return try await process.kill9()
    }

    /// Rewrites the configuration and has BIRD read it again.
    public func setTimers(_ timers: PeerTimers) async throws {
        self.timers = timers
        try reconfigure()
    }

    /// Has BIRD take over what has been changed.
    public func reconfigure() throws {
        try writeConfiguration()
        let answer = try Command.run(["birdc", "-s", socket, "configure"])
        guard answer.contains("Reconfigured") || answer.contains("in progress") else {
            throw LabError("BIRD did not reconfigure: \(answer)")
        }
    }

    /// What `show bfd sessions` says.
    public func view() throws -> [PeerView] {
        let result = try Command.result(["birdc", "-s", socket, "show", "bfd", "sessions"])
        guard result.status == 0 else { return [] }
        return result.output.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ").map(String.init)
            guard words.count >= 4, let link = links.first(where: { $0.remote == words[0] }) else {
                return nil
            }
            let state = words[2] == "AdminDown" ? "admin-down" : words[2].lowercased()
            return PeerView(
                remote: link.remote, state: state, diagnostic: nil, remoteDiagnostic: nil)
        }
    }

    private func writeConfiguration() throws {
        let neighbors = links.map {
            "    neighbor \($0.remote) dev \"\($0.interface)\" local \($0.local);"
        }
        let text = """
            router id 192.0.2.1;
            log stderr all;
            protocol device {}
            protocol bfd {
                interface "*" {
                    min rx interval \(timers.intervalMilliseconds) ms;
                    min tx interval \(timers.intervalMilliseconds) ms;
                    idle tx interval 1 s;
                    multiplier \(timers.multiplier);
                    \(authentication?.text ?? "")
                };
            \(neighbors.joined(separator: "\n"))
            }

            """
        try text.write(toFile: configuration, atomically: true, encoding: .utf8)
    }
}
