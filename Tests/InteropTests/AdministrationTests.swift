internal import TestSupport
internal import Testing

extension Interop {
    /// Sessions taken down on purpose, here or there.
    @Suite struct AdministrationTests {
        @Test func `A disabled peer hears AdminDown and leaves the routes`() async throws {
            try await withLab { lab in
                let network = try TwoGateways(in: lab)
                let observer = try await RouteObserver(in: lab, network.node)
                let capture = try await Capture(
                    in: lab, network.node, interfaces: ["uplink-a", "uplink-b"])
                try await network.startPeers()
                let daemon = try network.daemon()
                try await daemon.start()
                try await network.waitForNextHops([.bird, .frr], seenBy: observer)

                for name in ["frr", "frr6"] { try daemon.command("peer", "disable", name) }
                try await network.waitForNextHops([.bird], seenBy: observer)
                try await network.frr.waitForAll("down")
                for view in try network.frr.view() {
                    #expect(view.remoteDiagnostic == "administratively down")
                    #expect(view.diagnostic == "neighbor signaled session down")
                }
                #expect(try daemon.session("frr").running.localState == "adminDown")

                for name in ["frr", "frr6"] { try daemon.command("peer", "enable", name) }
                try await network.waitForNextHops([.bird, .frr], seenBy: observer)

                for name in ["bird", "bird6"] { try daemon.command("peer", "disable", name) }
                try await network.waitForNextHops([.frr], seenBy: observer)
                try await network.bird.waitForAll("down")
                for name in ["bird", "bird6"] { try daemon.command("peer", "enable", name) }
                try await network.waitForNextHops([.bird, .frr], seenBy: observer)

                try await capture.stop()
                for source in TwoGateways.nodeAddresses {
                    let packets = try capture.packets().filter { $0.source == source }
                    #expect(packets.contains { $0.state == 0 && $0.diagnostic == 7 })
                    #expect(Set(packets.map(\.sourcePort)).count == 1)
                }
                #expect(try capture.faults(from: TwoGateways.nodeAddresses).isEmpty)
                let failures = try daemon.events().filter {
                    $0.oldState == "up" && $0.newState == "down"
                }
                #expect(failures.isEmpty, "\(failures)")
            }
        }

        @Test func `A peer's shutdown withdraws its next hop`() async throws {
            try await withLab { lab in
                let network = try TwoGateways(in: lab)
                let observer = try await RouteObserver(in: lab, network.node)
                try await network.startPeers()
                let daemon = try network.daemon(onAdminDown: "withdraw")
                try await daemon.start()
                try await network.waitForNextHops([.bird, .frr], seenBy: observer)
                try network.frr.setShutdown(true)
                try await network.waitForNextHops([.bird], seenBy: observer)
                // The remote state is forgotten with bfdd's silence, the cause is not.
                #expect(
                    try daemon.session("frr").lastCause?.contains("administratively down") == true)
                try network.frr.setShutdown(false)
                try await network.waitForNextHops([.bird, .frr], seenBy: observer)
            }
        }

        @Test func `With on-admin-down keep, a peer's shutdown changes no route`() async throws {
            try await withLab { lab in
                let network = try TwoGateways(in: lab)
                let observer = try await RouteObserver(in: lab, network.node)
                try await network.startPeers()
                let daemon = try network.daemon(onAdminDown: "keep")
                try await daemon.start()
                try await network.waitForNextHops([.bird, .frr], seenBy: observer)
                let before = observer.changes().count

                try network.frr.setShutdown(true)
                try await eventually("the shutdown is heard") {
                    try ["frr", "frr6"].allSatisfy {
                        try daemon.session($0).lastCause?.contains("administratively down") == true
                    }
                }
                // bfdd sends one AdminDown and falls silent, so the detection time passes as well.
                try await Task.sleep(for: .milliseconds(500))
                #expect(observer.changes().count == before)
                try network.frr.setShutdown(false)
                try await network.frr.waitForAll("up")
                try await network.waitForNextHops([.bird, .frr], seenBy: observer)
                #expect(observer.changes().count == before)
            }
        }
    }
}
