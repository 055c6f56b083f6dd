internal import BFDCore
internal import BFDDriver
internal import Gatewatch
internal import TestSupport
internal import Testing

extension Interop {
    /// What FRR lets its operators set, against us.
    @Suite struct FrrSettingTests {
        private struct Pair {
            let lab: Lab
            let node: Namespace
            let frr: FrrPeer

            init(in lab: Lab) throws {
                self.lab = lab
                node = try lab.namespace("node")
                let far = try lab.namespace("frr")
                try lab.link(
                    LinkEnd(node, "uplink", "10.9.1.10/24"), LinkEnd(far, "down", "10.9.1.1/24"))
                frr = try FrrPeer(
                    in: lab, far,
                    links: [PeerLink(local: "10.9.1.1", remote: "10.9.1.10", interface: "down")],
                    timers: PeerTimers(intervalMilliseconds: 50))
            }

            func daemon(_ keys: String = "role: active") throws -> GatewatchDaemon {
                try GatewatchDaemon(
                    in: lab,
                    configuration: """
                        namespace: \(node.name)
                        stop-hold: 1s
                        peers:
                          - name: gw
                            dest-addr: 10.9.1.1
                            desired-min-tx-interval: 50ms
                            required-min-rx-interval: 50ms
                            local-multiplier: 15
                            \(keys)
                        """)
            }
        }

        @Test func `A profile of FRR sets the timers that both ends agree on`() async throws {
            try await withLab { lab in
                let pair = try Pair(in: lab)
                pair.frr.profile = [
                    "transmit-interval 70", "receive-interval 120", "detect-multiplier 7",
                ]
                let daemon = try pair.daemon()
                try await pair.frr.start()
                try await daemon.start()
                try await daemon.waitForAll("up")
                try await pair.frr.waitForAll("up")
                try await eventually("the profile's timers are in effect") {
                    let running = try daemon.session("gw").running
                    return running.negotiatedTxInterval == 120_000
                        && running.detectionTime == 490_000
                }
                #expect(try daemon.session("gw").statistics.downCount == 0)
            }
        }

        @Test(arguments: [
            (["passive-mode"], "role: active"), ([], "role: passive"),
        ])
        func `5880-6.1-01: one end may be passive, FRR or we`(
            _ settings: [String], _ role: String
        ) async throws {
            try await withLab { lab in
                let pair = try Pair(in: lab)
                pair.frr.settings = settings
                let daemon = try pair.daemon(role)
                try await pair.frr.start()
                try await daemon.start()
                try await daemon.waitForAll("up")
                try await pair.frr.waitForAll("up")
                // And once more, after the active end was away.
                if settings.isEmpty {
                    _ = try await pair.frr.kill9()
                    try await daemon.waitForAll("down")
                    try await pair.frr.start()
                } else {
                    try await daemon.kill9()
                    try await pair.frr.waitForAll("down")
                    try await daemon.start()
                }
                try await daemon.waitForAll("up")
                try await pair.frr.waitForAll("up")
            }
        }

        @Test func `5880-6.1-02: two passive ends say nothing at all`() async throws {
            try await withLab { lab in
                let pair = try Pair(in: lab)
                pair.frr.profile = ["passive-mode"]
                let daemon = try pair.daemon("role: passive")
                let capture = try await Capture(in: lab, pair.node, interfaces: ["uplink"])
                try await pair.frr.start()
                try await daemon.start()
                try await Task.sleep(for: .seconds(4))
                #expect(try daemon.session("gw").running.localState == "down")
                try await capture.stop()
                #expect(try capture.packets().isEmpty)
            }
        }

        /// FRR 8.4 sets the C bit only when a routing protocol asks for it (`bfd
        /// check-control-plane-failure` in BGP); bfdd alone has no word for it, and ignores ours.
        @Test(arguments: [true, false])
        func `5880-4.1-06: FRR lives with either C bit of ours, and we with its C bit of 0`(
            _ isIndependent: Bool
        ) async throws {
            try await withLab { lab in
                let pair = try Pair(in: lab)
                let capture = try await Capture(in: lab, pair.node, interfaces: ["uplink"])
                let gatewatch = try Gatewatch(
                    GatewatchConfiguration(
                        namespacePath: pair.node.path,
                        realTime: RealTimeSettings(locksMemory: false),
                        seed: UInt64.random(in: .min ... .max)))
                defer { gatewatch.stop() }
                try gatewatch.add(
                    PeerConfiguration(
                        name: "gw",
                        session: SessionConfiguration(
                            path: Path(destination: IPAddress(ipv4: 0x0a09_0101)),
                            desiredMinTxInterval: Microseconds(50_000),
                            requiredMinRxInterval: Microseconds(50_000),
                            controlPlaneIndependent: isIndependent)))
                try await pair.frr.start()
                try await pair.frr.waitForAll("up")
                try await Task.sleep(for: .seconds(1))
                let session = try #require(try gatewatch.sessions().peers.first).snapshot.session
                #expect(session.state == .up && !session.remoteControlPlaneIndependent)
                try await capture.stop()
                let (ours, theirs) = ("ip.src == 10.9.1.10", "ip.src == 10.9.1.1")
                let bit = isIndependent ? 1 : 0
                #expect(try capture.packets("\(ours) && bfd.flags.c == \(bit)").count > 5)
                #expect(try capture.packets("\(ours) && bfd.flags.c != \(bit)").isEmpty)
                #expect(try capture.packets("\(theirs) && bfd.flags.c == 0").count > 5)
                #expect(try capture.packets("\(theirs) && bfd.flags.c == 1").isEmpty)
            }
        }

        /// FRR takes 1 to 254, so our packets come from a few routers further away.
        @Test(arguments: [(249, true), (250, false)])
        func `5883-5-02: FRR's minimum-ttl lets us in over six routers, or keeps us out`(
            _ minimum: Int, _ comesUp: Bool
        ) async throws {
            try await withLab { lab in
                let network = try RoutedPair(in: lab)
                let frr = try FrrPeer(
                    in: lab, network.far,
                    links: [
                        PeerLink(
                            local: RoutedPair.far, remote: RoutedPair.near, interface: "up",
                            isMultihop: true),
                        PeerLink(
                            local: RoutedPair.far6, remote: RoutedPair.near6, interface: "up",
                            isMultihop: true),
                    ], timers: PeerTimers(intervalMilliseconds: 50))
                frr.settings = ["minimum-ttl \(minimum)"]
                try network.near.run("nft", "add table inet far")
                try network.near.run(
                    "nft", "add chain inet far output { type filter hook output priority 0 ; }")
                for change in ["ip ttl set 250", "ip6 hoplimit set 250"] {
                    try network.near.run(
                        "nft", "add rule inet far output udp dport 4784 \(change)")
                }
                try await frr.start()
                let daemon = try network.daemon(in: network.near)
                try await daemon.start()
                if comesUp {
                    try await daemon.waitForAll("up")
                    try await frr.waitForAll("up")
                } else {
                    // FRR is heard and does not hear us.
                    try await daemon.waitForAll("init")
                    try await Task.sleep(for: .seconds(3))
                    try await daemon.waitForAll("init")
                    try await frr.waitForAll("down")
                }
            }
        }
    }
}
