internal import Foundation
internal import TestSupport
internal import Testing

extension Interop {
    /// A daemon is killed, and the next one goes on with its sessions.
    @Suite struct MemoryTests {
        /// Peers that wait so long for us that the slowest machine starts a process meanwhile.
        private func patientNetwork(
            _ lab: Lab, multiplier: Int = 100
        ) throws -> (TwoGateways, GatewatchDaemon) {
            let network = try TwoGateways(
                in: lab, timers: PeerTimers(intervalMilliseconds: 300, multiplier: 40))
            let daemon = try network.daemon(multiplier: multiplier)
            daemon.configuration = daemon.configuration.replacing("50ms", with: "300ms")
            return (network, daemon)
        }

        @Test func `Killed and started again: the peers see the same session, always Up`()
            async throws
        {
            try await withLab { lab in
                let (network, daemon) = try patientNetwork(lab)
                let observer = try await RouteObserver(in: lab, network.node)
                try await network.startPeers()
                try await daemon.start()
                try await network.waitForNextHops([.bird, .frr], seenBy: observer, within: 40)
                try await eventually("all wait 12 s", within: 30) {
                    try daemon.status().sessions.allSatisfy {
                        $0.running.detectionTime == 12_000_000
                    }
                }
                // All is looked at once a second.
                try await Task.sleep(for: .seconds(4))
                let before = try daemon.status().sessions
                let changes = observer.changes().count
                let capture = try await Capture(
                    in: lab, network.node, interfaces: ["uplink-a", "uplink-b"])

                for _ in 0..<3 {
                    // The moment is a few hundred milliseconds old at most.
                    try await Task.sleep(for: .milliseconds(700))
                    try await daemon.kill9()
                    try await daemon.start()
                    #expect(daemon.output.contains("going on with 4 sessions"))
                    let after = try daemon.status().sessions
                    #expect(after.allSatisfy { $0.running.localState == "up" })
                    #expect(after.map(\.localDiscriminator) == before.map(\.localDiscriminator))
                    #expect(after.map(\.remoteDiscriminator) == before.map(\.remoteDiscriminator))
                    #expect(after.map(\.sourcePort) == before.map(\.sourcePort))
                }
                try await capture.stop()
                let packets = try capture.packets()
                #expect(packets.count > 8)
                #expect(packets.allSatisfy { $0.state == 3 && $0.diagnostic == 0 })
                #expect(try daemon.status().sessions.allSatisfy { $0.statistics.downCount == 0 })
                #expect(observer.changes().count == changes)
            }
        }

        @Test func `A peer that says Up long after we did is gone on with`() async throws {
            try await withLab { lab in
                let (network, daemon) = try patientNetwork(lab)
                // Of BIRD nothing but Init: it is enough for us, and an Up after it is no event.
                try network.node.run("nft", "add table inet deaf")
                try network.node.run(
                    "nft", "add chain inet deaf input { type filter hook input priority 0 ; }")
                try network.node.run(
                    "nft", "add rule inet deaf input udp dport 3784 @th,72,2 { 1, 3 } drop")
                try await network.bird.start()
                try await daemon.start()
                try await eventually("we are Up, and hear no Up") {
                    let running = try daemon.session("bird").running
                    return running.localState == "up" && running.remoteState == "init"
                }
                // Everything has been told by then.
                try await Task.sleep(for: .seconds(2))
                try network.node.run("nft", "delete table inet deaf")
                try await eventually("BIRD says Up") {
                    try daemon.session("bird").running.remoteState == "up"
                }
                // All is looked at once a second.
                try await Task.sleep(for: .seconds(4))
                try await daemon.kill9()
                try await daemon.start()
                #expect(daemon.output.contains("going on with"))
                let session = try daemon.session("bird")
                #expect(session.running.localState == "up")
                #expect(session.statistics.downCount == 0)
            }
        }

        @Test func `After an orderly stop nothing is left to go on with`() async throws {
            try await withLab { lab in
                let (network, daemon) = try patientNetwork(lab, multiplier: 3)
                try await network.startPeers()
                try await daemon.start()
                try await daemon.waitForAll("up")
                #expect(try await daemon.terminate() == 0)
                let left = try FileManager.default.contentsOfDirectory(
                    atPath: daemon.stateDirectory.path)
                #expect(!left.contains { $0.hasPrefix("sessions") }, "\(left)")
                try await daemon.start()
                #expect(!daemon.output.contains("going on with"))
                try await daemon.waitForAll("up")
            }
        }

        @Test func `What is damaged or of another version is said, and all comes up anew`()
            async throws
        {
            try await withLab { lab in
                let (network, daemon) = try patientNetwork(lab)
                try await network.startPeers()
                try await daemon.start()
                try await daemon.waitForAll("up")
                for (octets, said) in [
                    ("GWSM garbage that is long enough for a head", "is of version"),
                    ("garbage", "are damaged"),
                ] {
                    try await daemon.kill9()
                    for number in 0...1 {
                        try octets.write(
                            to: daemon.stateDirectory.appending(path: "sessions-\(number).bin"),
                            atomically: true, encoding: .utf8)
                    }
                    try await daemon.start()
                    #expect(daemon.output.contains(said), "\(daemon.output)")
                    try await daemon.waitForAll("up")
                }
            }
        }
    }
}
