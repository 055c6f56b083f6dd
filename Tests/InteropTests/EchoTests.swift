internal import TestSupport
internal import Testing

extension Interop {
    /// The Echo function with FRR (RFC 5881 §4).
    @Suite struct EchoTests {
        private enum Family {
            case ipv4, ipv6
        }

        /// A node and FRR on one cable, with a session over one family or both.
        private struct Network {
            let lab: Lab
            let node: Namespace
            let far: Namespace
            let frr: FrrPeer
            let families: [Family]

            init(in lab: Lab, _ families: [Family], frrKeys: [String]) throws {
                self.lab = lab
                self.families = families
                node = try lab.namespace("node")
                far = try lab.namespace("frr")
                try lab.link(
                    LinkEnd(node, "uplink", "10.9.1.10/24", "fd09:1::10/64"),
                    LinkEnd(far, "down", "10.9.1.1/24", "fd09:1::1/64"))
                for end in [node, far] {
                    try end.set([("net/ipv4/conf/all/accept_local", 1)])
                }
                frr = try FrrPeer(
                    in: lab, far,
                    links: families.map { family in
                        switch family {
                        case .ipv4:
                            PeerLink(local: "10.9.1.1", remote: "10.9.1.10", interface: "down")
                        case .ipv6:
                            PeerLink(local: "fd09:1::1", remote: "fd09:1::10", interface: "down")
                        }
                    }, timers: PeerTimers(intervalMilliseconds: 300))
                frr.keys = frrKeys
                frr.hasZebra = true
            }

            func daemon(_ keys: String) throws -> GatewatchDaemon {
                let peers = families.map { family in
                    switch family {
                    case .ipv4: "{name: four, dest-addr: 10.9.1.1, source-addr: 10.9.1.10}"
                    case .ipv6: #"{name: six, dest-addr: "fd09:1::1", source-addr: "fd09:1::10"}"#
                    }
                }
                return try GatewatchDaemon(
                    in: lab,
                    configuration: """
                        namespace: \(node.name)
                        stop-hold: 1s
                        defaults: {\(keys)}
                        peers: [\(peers.joined(separator: ", "))]
                        """)
            }

            /// Has a host forward no Echo packets any more; Control packets go on.
            func cutEcho(at host: Namespace) throws {
                try host.run("nft", "add table inet cut")
                try host.run(
                    "nft", "add chain inet cut forward { type filter hook forward priority 0 ; }")
                try host.run("nft", "add rule inet cut forward udp dport 3785 drop")
            }
        }

        @Test func `5880-6.8.5-01, 5880-6.8.9-02: our Echo by way of a host that runs FRR`()
            async throws
        {
            try await withLab { lab in
                let network = try Network(
                    in: lab, [.ipv4, .ipv6], frrKeys: ["echo receive-interval 50"])
                let capture = try await Capture(in: lab, network.far, interfaces: ["down"])
                try await network.frr.start()
                let daemon = try network.daemon("desired-min-echo-tx-interval: 20ms")
                try await daemon.start()
                try await daemon.waitForAll("up")
                try await eventually("Echo packets are sent as often as FRR allows") {
                    try daemon.status().sessions.allSatisfy { $0.running.echoInterval == 50_000 }
                }
                try await Task.sleep(for: .seconds(2))
                try await capture.stop()
                for session in try daemon.status().sessions {
                    #expect(session.statistics.downCount == 0)
                    #expect(session.running.detectionMode == "async-with-echo")
                }
                let packets = try capture.packets("udp.dstport == 3785")
                for own in ["10.9.1.10", "fd09:1::10"] {
                    let seen = packets.filter { $0.source == own && $0.destination == own }
                    #expect(seen.filter { $0.hopLimit == 255 }.count > 30)
                    #expect(seen.filter { $0.hopLimit == 254 }.count > 30)
                }
                try network.cutEcho(at: network.far)
                try await eventually("both sessions fail") {
                    try daemon.status().sessions.allSatisfy {
                        $0.statistics.downCount > 0
                            && $0.running.localDiagnostic == "echo-failed"
                    }
                }
                #expect(try network.frr.view().allSatisfy { $0.remoteDiagnostic != nil })
            }
        }

        @Test func `5880-6.8.13-01: our host sends back what FRR sends over IPv4`() async throws {
            try await withLab { lab in
                let network = try Network(
                    in: lab, [.ipv4], frrKeys: ["echo transmit-interval 50", "echo-mode"])
                let capture = try await Capture(in: lab, network.node, interfaces: ["uplink"])
                try await network.frr.start()
                let daemon = try network.daemon("required-min-echo-rx-interval: 50ms")
                try await daemon.start()
                try await daemon.waitForAll("up")
                try await Task.sleep(for: .seconds(3))
                try await capture.stop()
                #expect(try daemon.session("four").statistics.downCount == 0)
                let seen = try capture.packets("udp.dstport == 3785").filter {
                    $0.source == "10.9.1.1" && $0.destination == "10.9.1.1"
                }
                #expect(seen.filter { $0.hopLimit == 255 }.count > 30)
                #expect(seen.filter { $0.hopLimit == 254 }.count > 30)
                // None of them is ours to count: they are forwarded, not received.
                #expect(try daemon.status().discards?.isEmpty ?? true)

                try network.cutEcho(at: network.node)
                try await eventually("FRR misses its Echo packets, and says so") {
                    let session = try daemon.session("four")
                    return session.statistics.downCount > 0
                        && session.running.remoteDiagnostic == "echo-failed"
                }
            }
        }

        /// FRR 8.4 addresses its IPv6 Echo packets to the peer, where RFC 5881 §4 wants a
        /// destination that the peer's forwarding sends back: only another FRR answers them.
        @Test func `FRR's Echo over IPv6 is not the RFC's, so it fails without harm to us`()
            async throws
        {
            try await withLab { lab in
                let network = try Network(
                    in: lab, [.ipv6], frrKeys: ["echo transmit-interval 50", "echo-mode"])
                let capture = try await Capture(in: lab, network.node, interfaces: ["uplink"])
                try await network.frr.start()
                let daemon = try network.daemon("required-min-echo-rx-interval: 50ms")
                try await daemon.start()
                try await eventually("FRR misses its Echo packets, and says so") {
                    let session = try daemon.session("six")
                    return session.statistics.downCount > 0
                        && session.running.remoteDiagnostic == "echo-failed"
                }
                try await capture.stop()
                let seen = try capture.packets("udp.dstport == 3785")
                #expect(seen.contains { $0.source == "fd09:1::1" })
                #expect(seen.allSatisfy { $0.destination == "fd09:1::10" })
            }
        }
    }
}
