internal import Foundation

/// FRR's bfdd alone, in a namespace of a lab.
///
/// Sessions that name no interface need no zebra, so none is started unless asked for.
public final class FrrPeer: GatewayPeer {
    /// The sessions it keeps.
    public let links: [PeerLink]
    /// Whether zebra tells bfdd of interfaces: without, it sends no Echo packets.
    public var hasZebra = false
    private let lab: Lab
    private let namespace: Namespace
    private let folder: URL
    private var timers: PeerTimers
    /// Lines of a profile that every session uses, in place of timers of its own.
    public var profile: [String] = []
    /// More lines of every session.
    public var settings: [String] = []
    private var process: RunningProcess?

    /// A peer that is not started yet.
    public init(
        in lab: Lab, _ namespace: Namespace, links: [PeerLink], timers: PeerTimers
    ) throws {
        self.lab = lab
        self.namespace = namespace
        self.links = links
        self.timers = timers
        folder = try lab.makeFolder("frr-\(namespace.name)")
        // bfdd insists on running as a member of its packaged group.
        try Command.run(["chown", "frr:frr", folder.path])
    }

    /// Starts bfdd and waits until it answers.
    public func start() async throws {
        let configuration = folder.appending(path: "bfdd.conf").path
        try configurationText().write(toFile: configuration, atomically: true, encoding: .utf8)
        if hasZebra { try await startZebra() }
        process = try lab.start(
            "bfdd",
            [
                "/usr/lib/frr/bfdd", "-u", "frr", "-g", "frr", "-P", "0", "--log", "stdout",
                "--vty_socket", folder.path, "-f", configuration,
                "-i", folder.appending(path: "bfdd.pid").path,
                "--bfdctl", folder.appending(path: "bfdd.ctl").path,
                "-z", zebraSocket,
            ], in: namespace)
        try await eventually("bfdd answers") { try !view().isEmpty }
    }

    private var zebraSocket: String { folder.appending(path: "zebra").path }

    private func startZebra() async throws {
        _ = try lab.start(
            "zebra",
            [
                "/usr/lib/frr/zebra", "-u", "frr", "-g", "frr", "-P", "0", "--log", "stdout",
                "--vty_socket", folder.path, "-i", folder.appending(path: "zebra.pid").path,
                "-z", zebraSocket,
            ], in: namespace)
        try await eventually("zebra listens") {
            FileManager.default.fileExists(atPath: zebraSocket)
        }
    }

    /// Ends bfdd without a word to its peers; the wall-clock time just before.
    public func kill9() async throws -> Int64 {
        guard let process else { throw LabError("bfdd was not started") }
        return try await process.kill9()
    }

    /// Changes the timers of every session through the configuration terminal.
    public func setTimers(_ timers: PeerTimers) async throws {
        self.timers = timers
        for link in links {
            try configure(
                link,
                [
                    "receive-interval \(timers.intervalMilliseconds)",
                    "transmit-interval \(timers.intervalMilliseconds)",
                    "detect-multiplier \(timers.multiplier)",
                ])
        }
    }

    /// Takes every session down administratively, or up again.
    public func setShutdown(_ isShutdown: Bool) throws {
        for link in links {
            try configure(link, [isShutdown ? "shutdown" : "no shutdown"])
        }
    }

    /// What `show bfd peers json` says.
    public func view() throws -> [PeerView] {
        let result = try Command.result([
            "vtysh", "--vty_socket", folder.path, "-c", "show bfd peers json",
        ])
        guard result.status == 0, let start = result.output.firstIndex(of: "[") else { return [] }
        let text = Data(result.output[start...].utf8)
        return try JSONDecoder().decode([Shown].self, from: text).map(\.view)
    }

    /// One session of `show bfd peers json`.
    private struct Shown: Decodable {
        let peer: String
        let status: String
        let diagnostic: String?
        let remoteDiagnostic: String?

        enum CodingKeys: String, CodingKey {
            case peer, status, diagnostic
            case remoteDiagnostic = "remote-diagnostic"
        }

        var view: PeerView {
            PeerView(
                remote: peer, state: status == "shutdown" ? "admin-down" : status,
                diagnostic: diagnostic, remoteDiagnostic: remoteDiagnostic)
        }
    }

    private func configure(_ link: PeerLink, _ lines: [String]) throws {
        let commands = ["configure terminal", "bfd", peerLine(link)] + lines
        try Command.run(
            ["vtysh", "--vty_socket", folder.path] + commands.flatMap { ["-c", $0] })
    }

    private func peerLine(_ link: PeerLink) -> String {
        "peer \(link.remote) \(link.isMultihop ? "multihop " : "")local-address \(link.local)"
    }

    private func configurationText() -> String {
        let timerLines = [
            "receive-interval \(timers.intervalMilliseconds)",
            "transmit-interval \(timers.intervalMilliseconds)",
            "detect-multiplier \(timers.multiplier)",
        ]
        let own = profile.isEmpty ? timerLines : ["profile lab"]
        var lines = ["bfd"]
        if !profile.isEmpty { lines += [" profile lab"] + profile.map { "  \($0)" } + [" exit"] }
        for link in links {
            lines += [" \(peerLine(link))"] + (own + settings).map { "  \($0)" } + [" exit"]
        }
        return lines.joined(separator: "\n") + "\nexit\n"
    }
}
