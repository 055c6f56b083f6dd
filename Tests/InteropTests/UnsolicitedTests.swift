internal import TestSupport
internal import Testing

extension Interop {
    /// Sessions that FRR starts with a daemon that knows of no peer (RFC 9468).
    @Suite struct UnsolicitedTests {
        private struct Network {
            let node: Namespace
            let gateway: Namespace
            let frr: FrrPeer
            let daemon: GatewatchDaemon

            init(in lab: Lab, unsolicited: String) throws {
                node = try lab.namespace("node")
                gateway = try lab.namespace("frr")
                try lab.link(
                    LinkEnd(node, "uplink", "10.9.1.10/24", "10.9.1.11/24", "fd09:1::10/64"),
                    LinkEnd(gateway, "down", "10.9.1.1/24", "10.9.5.1/24", "fd09:1::1/64"))
                let ends = [
                    ("10.9.1.1", "10.9.1.10"), ("10.9.5.1", "10.9.1.11"),
                    ("fd09:1::1", "fd09:1::10"),
                ]
                frr = try FrrPeer(
                    in: lab, gateway,
                    links: ends.map { PeerLink(local: $0.0, remote: $0.1, interface: "down") },
                    timers: PeerTimers(intervalMilliseconds: 50))
                daemon = try GatewatchDaemon(
                    in: lab,
                    configuration: """
                        namespace: \(node.name)
                        stop-hold: 1s
                        peers: []
                        unsolicited: [\(unsolicited)]
                        """)
            }
        }

        @Test func `9468-2-06, 9468-2-05, 9468-2-09: neighbours come and go, strangers do not`()
            async throws
        {
            try await withLab { lab in
                let parameters =
                    "desired-min-tx-interval: 50ms, required-min-rx-interval: 50ms, "
                    + "local-multiplier: 15"
                let network = try Network(
                    in: lab,
                    unsolicited: """
                        {prefix: 10.9.0.0/16, \(parameters)},
                          {prefix: "fd09::/16", interface: uplink, \(parameters)}
                        """)
                let daemon = network.daemon
                try await daemon.start()
                #expect(try daemon.status().sessions.isEmpty)
                try await network.frr.start()
                try await eventually("two sessions are up") {
                    let sessions = try daemon.status().sessions
                    return sessions.count == 2
                        && sessions.allSatisfy { $0.running.localState == "up" }
                }
                let sessions = try daemon.status().sessions
                #expect(Set(sessions.map(\.name)) == ["10.9.1.1", "fd09:1::1"])
                #expect(sessions.allSatisfy { $0.role == "passive" })
                // The third is on the list, but not in a subnet of the link.
                try await eventually("the stranger is counted") {
                    (try daemon.status().discards?["source_not_in_subnet"] ?? 0) > 0
                }
                try network.node.run("ip", "address", "add", "10.9.5.10/24", "dev", "uplink")
                try await eventually("the stranger has become a neighbour") {
                    let sessions = try daemon.status().sessions
                    return sessions.count == 3
                        && sessions.allSatisfy { $0.running.localState == "up" }
                }
                _ = try await network.frr.kill9()
                try await daemon.waitForAll("down")
                try await eventually("the sessions are gone") {
                    try daemon.status().sessions.isEmpty
                }
                let events = try daemon.events().filter { $0.peer == "10.9.1.1" }
                #expect(events.compactMap(\.newState) == ["init", "up", "down"])
                try await network.frr.start()
                try await daemon.waitForAll("up")
            }
        }

        @Test func `9468-2-01: without permission nobody gets a session`() async throws {
            try await withLab { lab in
                let network = try Network(in: lab, unsolicited: "")
                try await network.daemon.start()
                try await network.frr.start()
                try await eventually("packets are counted out") {
                    (try network.daemon.status().discards?["no_session"] ?? 0) > 2
                }
                #expect(try network.daemon.status().sessions.isEmpty)
            }
        }
    }
}
