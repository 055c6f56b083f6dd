internal import Foundation
internal import TestSupport

/// A node whose namespace comes and goes by its name, and BIRD at the other end of its cable.
struct MovingNode {
    let lab: Lab
    let node: Namespace
    let bird: BirdPeer
    let daemon: GatewatchDaemon

    init(in lab: Lab) throws {
        self.lab = lab
        node = try lab.namespace("node")
        let far = try lab.namespace("bird")
        bird = try BirdPeer(
            in: lab, far,
            links: [
                PeerLink(local: "10.9.1.1", remote: "10.9.1.10", interface: "far"),
                PeerLink(local: "fd09:1::1", remote: "fd09:1::10", interface: "far"),
            ], timers: PeerTimers(intervalMilliseconds: 50))
        daemon = try GatewatchDaemon(
            in: lab,
            configuration: """
                namespace: \(node.name)
                stop-hold: 1s
                defaults:
                  desired-min-tx-interval: 50ms
                  required-min-rx-interval: 50ms
                  local-multiplier: 15
                  interface: near
                peers:
                  - {name: four, dest-addr: 10.9.1.1}
                  - {name: six, dest-addr: "fd09:1::1"}
                  - {name: off, dest-addr: 10.9.1.2}
                routes:
                  - {prefix: 0.0.0.0/0, metric: 50, next-hops: [{peer: four}]}
                  - {prefix: "::/0", metric: 50, next-hops: [{peer: six}]}
                """)
    }

    /// Lays the cable into what has the node's name now.
    func wire() throws {
        try lab.link(
            LinkEnd(node, "near", "10.9.1.10/24", "fd09:1::10/64"),
            LinkEnd(bird.namespace, "far", "10.9.1.1/24", "fd09:1::1/64"))
    }

    func delete() throws { try Command.run(["ip", "netns", "delete", node.name]) }

    func add() throws { try Command.run(["ip", "netns", "add", node.name]) }

    var inode: UInt64 {
        get throws {
            let path = node.path
            let text = try Command.run(["stat", "-Lc", "%i", path])
            return UInt64(text.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0
        }
    }

    /// The words of the default routes of both families, and of our next hops.
    func ourRoutes(through path: String? = nil) throws -> String {
        try ["-4 route", "-6 route", "nexthop"].map { arguments in
            try Command.run(
                ["nsenter", "--net=\(path ?? node.path)", "ip"]
                    + arguments.split(separator: " ").map(String.init)
                    + ["show", "protocol", "158"])
        }.joined()
    }

    /// Waits until both sessions are Up and both routes are in the namespace of this name.
    func waitUntilUp(within seconds: Double = 30) async throws {
        try await eventually("both sessions are up", within: seconds) {
            try daemon.status().sessions.filter { $0.name != "off" }.allSatisfy {
                $0.running.localState == "up"
            }
        }
        try await bird.waitForAll("up")
        try await eventually("both routes are there") {
            let routes = try ourRoutes()
            return routes.contains("via 10.9.1.1") && routes.contains("via fd09:1::1")
        }
    }

    func waitForEvent(_ words: String) async throws {
        try await eventually("an event says \"\(words)\"") {
            try daemon.events().contains { $0.cause?.contains(words) ?? false }
        }
    }
}
