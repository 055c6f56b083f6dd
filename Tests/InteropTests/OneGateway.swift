internal import Foundation
internal import TestSupport

/// A node and BIRD on one cable, with a session over IPv4 and one over IPv6.
struct OneGateway {
    let lab: Lab
    let node: Namespace
    let bird: BirdPeer
    private let secrets: URL

    init(in lab: Lab, timers: PeerTimers = PeerTimers(intervalMilliseconds: 50))
        throws
    {
        self.lab = lab
        node = try lab.namespace("node")
        let far = try lab.namespace("bird")
        try lab.link(
            LinkEnd(node, "uplink", "10.9.1.10/24", "fd09:1::10/64"),
            LinkEnd(far, "down", "10.9.1.1/24", "fd09:1::1/64"))
        bird = try BirdPeer(
            in: lab, far,
            links: [
                PeerLink(local: "10.9.1.1", remote: "10.9.1.10", interface: "down"),
                PeerLink(local: "fd09:1::1", remote: "fd09:1::10", interface: "down"),
            ], timers: timers)
        secrets = try lab.makeFolder("secrets")
    }

    /// Writes a secret where only its owner reads it, and returns the path.
    func secretFile(_ name: String, _ secret: String) throws -> String {
        let file = secrets.appending(path: name)
        try secret.write(to: file, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o600], ofItemAtPath: file.path)
        return file.path
    }

    /// A daemon with both sessions, authenticated as `authentication` says in YAML.
    func daemon(authentication: String) throws -> GatewatchDaemon {
        try GatewatchDaemon(
            in: lab,
            configuration: """
                namespace: \(node.name)
                stop-hold: 1s
                defaults:
                  desired-min-tx-interval: 50ms
                  required-min-rx-interval: 50ms
                  local-multiplier: 15
                  authentication: \(authentication)
                peers:
                  - {name: four, dest-addr: 10.9.1.1, source-addr: 10.9.1.10}
                  - {name: six, dest-addr: "fd09:1::1", interface: uplink}
                """)
    }

    /// Loses about one BFD packet in a hundred, both ways.
    func loseOnePercent() throws {
        let rule = "udp dport 3784 numgen random mod 100 == 0 drop"
        try node.run("nft", "add table inet loss")
        for hook in ["input", "output"] {
            try node.run(
                "nft", "add chain inet loss \(hook) { type filter hook \(hook) priority 0 ; }")
            try node.run("nft", "add rule inet loss \(hook) \(rule)")
        }
    }
}
