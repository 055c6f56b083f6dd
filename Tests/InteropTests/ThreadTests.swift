internal import Foundation
internal import TestSupport
internal import Testing

extension Interop {
    /// Sessions on two engine threads: each packet finds the thread that keeps its session.
    @Suite struct ThreadTests {
        private static let pace = """
            desired-min-tx-interval: 50ms
              required-min-rx-interval: 50ms
              local-multiplier: 15
            """

        private static func daemon(
            in lab: Lab, _ namespace: Namespace, _ rest: String
        ) throws -> GatewatchDaemon {
            try GatewatchDaemon(
                in: lab,
                configuration: """
                    namespace: \(namespace.name)
                    stop-hold: 1s
                    defaults:
                      \(pace)
                    \(rest)
                    """)
        }

        private func expectUp(_ daemon: GatewatchDaemon, _ count: Int) async throws {
            try await eventually("\(count) sessions are up") {
                let sessions = try daemon.status().sessions
                return sessions.count == count
                    && sessions.allSatisfy { $0.running.localState == "up" }
            }
        }

        private static func network(in lab: Lab) throws -> (node: Namespace, far: Namespace) {
            let node = try lab.namespace("node")
            let far = try lab.namespace("far")
            let addresses = (1...4).flatMap { ["10.9.1.\($0)/24", "fd09:1::\($0)/64"] }
            try lab.link(
                LinkEnd(node, "uplink", "10.9.1.10/24", "fd09:1::10/64"),
                LinkEnd(far, "down", addresses: addresses))
            return (node, far)
        }

        @Test func `5881-3-02: two threads keep eight sessions, and each can be steered`()
            async throws
        {
            try await withLab { lab in
                let (node, far) = try Self.network(in: lab)
                let ends = (1...4).flatMap { ["10.9.1.\($0)", "fd09:1::\($0)"] }
                let daemon = try Self.daemon(
                    in: lab, node,
                    "realtime: {threads: 2, spin: 50us, lock-memory: false}\npeers:\n"
                        + ends.map { "  - {name: \"p\($0)\", dest-addr: \"\($0)\"}\n" }.joined())
                let other = try Self.daemon(
                    in: lab, far,
                    "peers:\n"
                        + ends.map {
                            let us = $0.contains(":") ? "fd09:1::10" : "10.9.1.10"
                            return
                                "  - {name: \"p\($0)\", dest-addr: \"\(us)\", "
                                + "source-addr: \"\($0)\"}\n"
                        }.joined())
                try await daemon.start()
                try await other.start()
                try await expectUp(daemon, 8)
                try await expectUp(other, 8)
                for name in ["p10.9.1.1", "p10.9.1.2"] {
                    _ = try daemon.command("peer", "disable", name)
                    try await eventually("\(name) is down") {
                        try other.session(name).running.localState == "down"
                    }
                    _ = try daemon.command("peer", "enable", name)
                }
                try await expectUp(other, 8)
                // A wrong thread would have called its packets unknown.
                let discards = try daemon.status().discards ?? [:]
                #expect((discards["unknown_your_discriminator"] ?? 0) == 0, "\(discards)")
                #expect(try await daemon.terminate() == 0)
            }
        }

        @Test func `9468-2-05: peers start sessions on both threads`() async throws {
            try await withLab { lab in
                let (node, far) = try Self.network(in: lab)
                let daemon = try Self.daemon(
                    in: lab, node,
                    """
                    realtime: {threads: 2, lock-memory: false}
                    peers: []
                    unsolicited: [{prefix: 10.9.1.0/24}]
                    """)
                let other = try Self.daemon(
                    in: lab, far,
                    "peers:\n"
                        + (1...4).map {
                            "  - {name: p\($0), dest-addr: 10.9.1.10, source-addr: 10.9.1.\($0)}\n"
                        }.joined())
                try await daemon.start()
                try await other.start()
                try await expectUp(daemon, 4)
                try await expectUp(other, 4)
                _ = try daemon.command("peer", "disable", "10.9.1.3")
                try await eventually("the third is down") {
                    try other.session("p3").running.localState == "down"
                }
                #expect(try daemon.status().sessions.count == 4)
            }
        }
    }
}
