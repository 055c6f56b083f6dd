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
                    }, timers: PeerTimers(intervalMilliseconds: 300, multiplier: 3))
                frr.settings = frrKeys
                frr.hasZebra = true
            }

            /// `echoSources`, if any, are one for each family.
            func daemon(_ keys: String..., echoSources: [String] = []) throws -> GatewatchDaemon {
                let peers = families.enumerated().map { index, family in
                    let source =
                        echoSources.isEmpty ? "" : ", echo-source-addr: \"\(echoSources[index])\""
                    return switch family {
                    case .ipv4:
                        "{name: four, dest-addr: 10.9.1.1, source-addr: 10.9.1.10\(source)}"
                    case .ipv6:
                        #"{name: six, dest-addr: "fd09:1::1", source-addr: "fd09:1::10"\#(source)}"#
                    }
                }
                return try GatewatchDaemon(
                    in: lab,
                    configuration: """
                        namespace: \(node.name)
                        stop-hold: 1s
                        defaults: {\(keys.joined(separator: ", "))}
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

        @Test func `Echo goes on in the next process`() async throws {
            try await withLab { lab in
                let network = try Network(
                    in: lab, [.ipv4, .ipv6], frrKeys: ["echo receive-interval 50"])
                try await network.frr.start()
                let daemon = try network.daemon(
                    "desired-min-echo-tx-interval: 50ms", "local-multiplier: 20")
                try await daemon.start()
                try await daemon.waitForAll("up")
                try await eventually("Echo packets are sent") {
                    try daemon.status().sessions.allSatisfy { $0.running.echoInterval == 50_000 }
                }
                #expect(try await daemon.handOver() == 0)
                // Longer than Echo packets may be lost.
                try await Task.sleep(for: .milliseconds(1_500))
                for session in try daemon.status().sessions {
                    #expect(session.statistics.downCount == 0)
                    #expect(session.running.detectionMode == "async-with-echo")
                }
                try network.cutEcho(at: network.far)
                try await eventually("both sessions fail") {
                    try daemon.status().sessions.allSatisfy {
                        $0.running.localDiagnostic == "echo-failed"
                    }
                }
            }
        }

        /// The addresses on the node's loopback interface are behind the node for the peer.
        @Test(arguments: [false, true])
        func `5881-4-08: from an address behind us, Echo packets provoke no redirects`(
            isBehind: Bool
        ) async throws {
            try await withLab { lab in
                let network = try Network(
                    in: lab, [.ipv4, .ipv6], frrKeys: ["echo receive-interval 50"])
                for (family, address, gateway) in [
                    ("-4", "10.9.7.1", "10.9.1.10"), ("-6", "fd09:7::1", "fd09:1::10"),
                ] {
                    try network.node.run("ip", "address", "add", address, "dev", "lo")
                    try network.far.run("ip", family, "route", "add", address, "via", gateway)
                }
                let capture = try await Capture(
                    in: lab, network.node, interfaces: ["uplink"],
                    filter: "udp port 3785 or icmp or icmp6")
                try await network.frr.start()
                let daemon = try network.daemon(
                    "desired-min-echo-tx-interval: 50ms", "local-multiplier: 5",
                    echoSources: isBehind ? ["10.9.7.1", "fd09:7::1"] : [])
                try await daemon.start()
                try await daemon.waitForAll("up")
                try await Task.sleep(for: .seconds(2))
                try await capture.stop()
                let redirects = try capture.packets("icmp.type == 5 || icmpv6.type == 137")
                #expect(redirects.isEmpty == isBehind, "\(redirects)")
                let sources = isBehind ? ["10.9.7.1", "fd09:7::1"] : ["10.9.1.10", "fd09:1::10"]
                for source in sources {
                    let seen = try capture.packets("udp.dstport == 3785 && !icmp && !icmpv6")
                        .filter { $0.source == source }
                    #expect(seen.filter { $0.hopLimit == 254 }.count > 20)
                }
                for session in try daemon.status().sessions {
                    #expect(session.statistics.downCount == 0)
                    #expect(session.running.detectionMode == "async-with-echo")
                }
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
                    try daemon.events().contains {
                        $0.oldState == "up" && $0.cause?.contains("echo-failed") == true
                    }
                }
            }
        }

        /// FRR 8.4 addresses its IPv6 Echo packets to the peer, where RFC 5881 §4 wants a
        /// destination that the peer's forwarding sends back. It says so itself when Echo is
        /// switched on: "only works when the peer is also FRR for IPv6".
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
                    try daemon.events().contains {
                        $0.oldState == "up" && $0.cause?.contains("echo-failed") == true
                    }
                }
                try await capture.stop()
                let seen = try capture.packets("udp.dstport == 3785")
                #expect(seen.contains { $0.source == "fd09:1::1" })
                #expect(seen.allSatisfy { $0.destination == "fd09:1::10" })
            }
        }
    }
}
