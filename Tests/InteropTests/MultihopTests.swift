internal import TestSupport
internal import Testing

extension Interop {
    /// Sessions with FRR over a router (RFC 5883).
    @Suite struct MultihopTests {
        private func startFRR(_ network: RoutedPair) async throws -> FrrPeer {
            let frr = try FrrPeer(
                in: network.lab, network.far,
                links: [
                    PeerLink(
                        local: RoutedPair.far, remote: RoutedPair.near, interface: "up",
                        isMultihop: true),
                    PeerLink(
                        local: RoutedPair.far6, remote: RoutedPair.near6, interface: "up",
                        isMultihop: true),
                ], timers: PeerTimers(intervalMilliseconds: 50))
            try await frr.start()
            return frr
        }

        @Test func `5883-5-01: sessions come up over a router, from and to the right ports`()
            async throws
        {
            try await withLab { lab in
                let network = try RoutedPair(in: lab)
                let capture = try await Capture(
                    in: lab, network.near, interfaces: ["up"], filter: "udp port 4784")
                let frr = try await startFRR(network)
                let daemon = try network.daemon(in: network.near)
                try await daemon.start()
                try await daemon.waitForAll("up")
                try await frr.waitForAll("up")
                #expect(try daemon.status().sessions.allSatisfy { $0.pathType == "path-ip-mh" })

                let death = try await frr.kill9()
                #expect(death > 0)
                try await daemon.waitForAll("down")
                let session = try daemon.session("peer")
                #expect(session.running.localDiagnostic == "control-expiry")

                try await capture.stop()
                let ours = try capture.packets().filter {
                    [RoutedPair.near, RoutedPair.near6].contains($0.source)
                }
                #expect(Set(ours.map(\.source)).count == 2)
                for packet in ours {
                    #expect(packet.hopLimit == 255, "\(packet)")
                    #expect(packet.destinationPort == 4784, "\(packet)")
                    #expect((49152...65535).contains(packet.sourcePort ?? 0), "\(packet)")
                }
                #expect(
                    try capture.faults(from: [RoutedPair.near, RoutedPair.near6]).isEmpty)
            }
        }

        @Test func `5883-5-02: a minimum of the TTL keeps out what comes over a router`()
            async throws
        {
            try await withLab { lab in
                let network = try RoutedPair(in: lab)
                _ = try await startFRR(network)
                let daemon = try network.daemon(in: network.near, keys: "minimum-ttl: 255")
                try await daemon.start()
                try await eventually("packets are counted out") {
                    try daemon.status().sessions.allSatisfy {
                        ($0.discards?["ttl_below_minimum"] ?? 0) > 1
                    }
                }
                try await daemon.waitForAll("down")
            }
        }
    }
}
