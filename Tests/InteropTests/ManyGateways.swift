internal import Foundation
internal import TestSupport

/// A node with many sessions to one other node, which runs this daemon too.
struct ManyGateways {
    let node: Namespace
    let gateways: Namespace
    let daemon: GatewatchDaemon
    let peers: GatewatchDaemon

    /// All sessions at 50 ms × 5; the first two gateways have a default route.
    init(in lab: Lab, count: Int, settings: String = "") throws {
        node = try lab.namespace("node")
        gateways = try lab.namespace("gateways")
        try lab.link(
            LinkEnd(node, "uplink", "10.9.0.1/16"),
            LinkEnd(
                gateways, "down", addresses: (1...count).map { "10.9.1.\($0)/16" }))
        let defaults = """
            defaults:
              desired-min-tx-interval: 50ms
              required-min-rx-interval: 50ms
              local-multiplier: 15
            """
        let list = (1...count).map { "  - {name: gw-\($0), dest-addr: 10.9.1.\($0)}" }
        daemon = try GatewatchDaemon(
            in: lab,
            configuration: """
                namespace: \(node.name)
                stop-hold: 1s
                \(settings)
                \(defaults)
                routes:
                  - {prefix: 0.0.0.0/0, metric: 50, next-hops: [{peer: gw-1}, {peer: gw-2}]}
                peers:
                \(list.joined(separator: "\n"))
                """)
        let back = (1...count).map {
            "  - {name: node-\($0), dest-addr: 10.9.0.1, source-addr: 10.9.1.\($0)}"
        }
        peers = try GatewatchDaemon(
            in: lab,
            configuration: """
                namespace: \(gateways.name)
                stop-hold: 0s
                \(defaults)
                peers:
                \(back.joined(separator: "\n"))
                """)
    }

    /// Starts both ends and waits until all is up.
    func start() async throws {
        try await peers.start()
        try await daemon.start()
        try await daemon.waitForAll("up")
        try await peers.waitForAll("up")
    }
}

extension GatewatchDaemon {
    /// Waits until so many configurations have been applied since the start.
    func waitForApplied(_ count: Int) async throws {
        try await eventually("\(count) configurations are applied") {
            try (status().configuration?.appliedCount ?? 0) >= count
        }
    }

    /// Whether no session has ever left Up.
    func hasNeverBeenDown() throws -> Bool {
        try status().sessions.allSatisfy {
            $0.running.localState == "up" && $0.statistics.downCount == 0
        }
    }
}
