internal import TestSupport
internal import Testing

extension Interop {
    /// Sessions and the routes that follow them.
    @Suite struct SessionTests {
        private static let names = ["bird", "bird6", "frr", "frr6"]

        @Test func `Sessions come up over IPv4 and IPv6, and tshark finds no fault`() async throws {
            try await withLab { lab in
                let network = try TwoGateways(in: lab)
                let observer = try await RouteObserver(in: lab, network.node)
                let capture = try await Capture(
                    in: lab, network.node, interfaces: ["uplink-a", "uplink-b"])
                try await network.startPeers()
                let daemon = try network.daemon()
                try await daemon.start()
                try await network.waitForNextHops([.bird, .frr], seenBy: observer)
                try await network.bird.waitForAll("up")
                try await network.frr.waitForAll("up")

                try await eventually("every session at its own pace") {
                    try daemon.status().sessions.allSatisfy {
                        $0.running.localState == "up" && $0.running.remoteState == "up"
                            && $0.running.detectionTime == 750_000
                            && $0.running.negotiatedTxInterval == 50_000
                    }
                }
                #expect(Set(try daemon.status().sessions.map(\.name)) == Set(Self.names))
                #expect(try daemon.routes().routes.map(\.state) == ["installed", "installed"])

                // In good order: routes first, then a goodbye that the peers hear.
                #expect(try await daemon.terminate() == 0)
                try await network.waitForNextHops([], seenBy: observer)
                try await network.frr.waitForAll("down")
                let heard = try network.frr.view().map(\.remoteDiagnostic)
                #expect(heard.allSatisfy { $0 == "administratively down" })

                try await capture.stop()
                try expectFaultless(capture)
                try expectRouteLeftFirst(capture, observer)
            }
        }

        /// What every packet of ours must be, whatever its content.
        private func expectFaultless(_ capture: Capture) throws {
            #expect(try capture.faults(from: TwoGateways.nodeAddresses).isEmpty)
            let ours = try capture.packets().filter {
                TwoGateways.nodeAddresses.contains($0.source)
            }
            #expect(Set(ours.map(\.source)) == Set(TwoGateways.nodeAddresses))
            for packet in ours {
                #expect(packet.hopLimit == 255, "\(packet)")
                #expect(packet.codePoint == 48, "\(packet)")
                #expect(packet.version == 1, "\(packet)")
                #expect(packet.destinationPort == 3784, "\(packet)")
                #expect((49152...65535).contains(packet.sourcePort ?? 0), "\(packet)")
                #expect(packet.detectMultiplier == 15, "\(packet)")
                #expect(packet.messageLength == 24, "\(packet)")
                #expect((packet.myDiscriminator ?? 0) != 0, "\(packet)")
                #expect(packet.state == 3 || (packet.desiredMinTxInterval ?? 0) >= 1_000_000)
                #expect(!(packet.poll && packet.final), "\(packet)")
            }
            for (_, packets) in Dictionary(grouping: ours, by: \.source) {
                #expect(Set(packets.map(\.sourcePort)).count == 1)
                #expect(Set(packets.map(\.myDiscriminator)).count == 1)
                #expect(packets.contains { $0.poll && $0.state == 3 }, "the first Up is a Poll")
                #expect(packets.contains { $0.state == 0 && $0.diagnostic == 7 })
            }
        }

        /// The goodbye comes after the withdrawal, so that nothing is sent into a closing door.
        private func expectRouteLeftFirst(
            _ capture: Capture, _ observer: RouteObserver
        ) throws {
            let goodbyes = try capture.packets("bfd.sta == 0").map(\.time)
            let withdrawal = observer.memberships(of: "0.0.0.0/0", metric: TwoGateways.metric)
                .last { $0.nextHops.isEmpty }
            let firstGoodbye = try #require(goodbyes.min())
            // The monitor stamps what it reads, some time after the kernel did it.
            #expect(try #require(withdrawal).time < firstGoodbye + 500_000_000)
        }

        @Test(arguments: PeerKind.allCases, [true, false])
        func `A dead peer's next hop leaves and returns with it`(
            kind: PeerKind, withObjects: Bool
        ) async throws {
            try await withLab { lab in
                let network = try TwoGateways(in: lab)
                let observer = try await RouteObserver(in: lab, network.node)
                try await network.startPeers()
                let daemon = try network.daemon(settings: "next-hop-objects: \(withObjects)")
                try await daemon.start()
                try await network.waitForNextHops([.bird, .frr], seenBy: observer)

                let objects = try network.node.run("ip", "nexthop", "show", "protocol", "158")
                #expect(objects.isEmpty == !withObjects)
                let survivors = Set(PeerKind.allCases).subtracting([kind])
                let death = try await network.peer(kind).kill9()
                try await network.waitForNextHops(survivors, seenBy: observer)
                let session = try daemon.session(kind.rawValue)
                #expect(session.running.localState == "down")
                #expect(session.running.localDiagnostic == "control-expiry")
                #expect(session.statistics.downCount == 1)
                let route = try #require(try daemon.routes().routes.first)
                #expect(route.state == "partial")
                #expect(route.nextHops.first { $0.peer == kind.rawValue }?.reason != nil)

                try await network.peer(kind).start()
                try await network.waitForNextHops([.bird, .frr], seenBy: observer)

                // Nothing else happened: out once, back once, the survivor never away.
                let history = observer.memberships(of: "0.0.0.0/0", metric: TwoGateways.metric)
                    .filter { $0.time >= death }
                #expect(
                    history.map(\.nextHops)
                        == [Set(survivors.map(TwoGateways.address)), Set(TwoGateways.gateways)])
                // 750 ms and what a loaded machine may take on top.
                #expect(try #require(history.first).time - death < 10_000_000_000)
            }
        }

        @Test func `A passive session waits for its peer's first word`() async throws {
            try await withLab { lab in
                let network = try TwoGateways(in: lab)
                let observer = try await RouteObserver(in: lab, network.node)
                let capture = try await Capture(
                    in: lab, network.node, interfaces: ["uplink-a", "uplink-b"])
                let daemon = try network.daemon(role: "passive")
                try await daemon.start()
                // More than a slow interval: an active session would have spoken.
                try await Task.sleep(for: .milliseconds(1200))
                try await network.startPeers()
                try await network.waitForNextHops([.bird, .frr], seenBy: observer)
                try await capture.stop()
                let packets = try capture.packets()
                for (own, peer) in zip(
                    TwoGateways.nodeAddresses, TwoGateways.gateways + TwoGateways.gateways6)
                {
                    let first = packets.first { [own, peer].contains($0.source) }
                    #expect(first?.source == peer)
                }
            }
        }

        @Test func `A path that loses IPv4 alone keeps its IPv6 session`() async throws {
            try await withLab { lab in
                let network = try TwoGateways(in: lab)
                let observer = try await RouteObserver(in: lab, network.node)
                try await network.startPeers()
                let daemon = try network.daemon()
                try await daemon.start()
                try await network.waitForNextHops([.bird, .frr], seenBy: observer)

                try network.frrNamespace.run(
                    "ip", "address", "delete", "10.9.2.1/24", "dev", "down")
                try await eventually("the IPv4 next hop is gone") {
                    network.nextHops(observer) == [TwoGateways.address(.bird)]
                }
                #expect(try daemon.session("frr").running.localState != "up")
                #expect(try daemon.session("frr6").running.localState == "up")
                #expect(network.nextHops6(observer) == Set(TwoGateways.gateways6))
            }
        }

        @Test(arguments: PeerKind.allCases)
        func `Timers change on a live session without a Down`(kind: PeerKind) async throws {
            try await withLab { lab in
                let network = try TwoGateways(in: lab)
                let observer = try await RouteObserver(in: lab, network.node)
                try await network.startPeers()
                let daemon = try network.daemon()
                try await daemon.start()
                try await network.waitForNextHops([.bird, .frr], seenBy: observer)
                let before = observer.changes().count

                for (interval, detectionTime) in [(300, 900_000), (50, 150_000)] {
                    try await network.peer(kind).setTimers(
                        PeerTimers(intervalMilliseconds: interval, multiplier: 3))
                    try await eventually("detection time \(detectionTime)") {
                        let running = try daemon.session(kind.rawValue).running
                        return running.detectionTime == detectionTime
                            && running.negotiatedTxInterval == interval * 1000
                    }
                    // Long enough for a wrong detection time to be noticed.
                    try await Task.sleep(for: .seconds(1))
                }
                #expect(try daemon.status().sessions.allSatisfy { $0.statistics.downCount == 0 })
                #expect(observer.changes().count == before)
                try await network.peer(kind).waitForAll("up")
            }
        }
    }
}
