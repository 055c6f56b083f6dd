internal import Foundation
internal import TestSupport
internal import Testing

extension Interop {
    /// What happens to sessions and routes when the daemon itself is hit.
    @Suite struct RestartTests {
        @Test(arguments: [true, false])
        func `Routes outlive a killed daemon and are adopted by the next`(
            withObjects: Bool
        ) async throws {
            try await withLab { lab in
                let network = try TwoGateways(in: lab)
                let observer = try await RouteObserver(in: lab, network.node)
                try await network.startPeers()
                let daemon = try network.daemon(settings: "next-hop-objects: \(withObjects)")
                try await daemon.start()
                try await network.waitForNextHops([.bird, .frr], seenBy: observer)
                let before = observer.changes().count

                try await daemon.kill9()
                try await network.bird.waitForAll("down")
                try await network.frr.waitForAll("down")
                #expect(observer.changes().count == before)
                #expect(try network.shownNextHops("-4") == Set(TwoGateways.gateways))

                try await daemon.start()
                try await network.bird.waitForAll("up")
                try await network.frr.waitForAll("up")
                try await eventually("both routes are adopted") {
                    try daemon.routes().routes.map(\.state) == ["installed", "installed"]
                }
                let deletions = observer.changes().dropFirst(before).filter(\.isDeletion)
                #expect(deletions.isEmpty, "\(deletions)")
                for prefix in ["0.0.0.0/0", "::/0"] {
                    let history = observer.memberships(of: prefix, metric: TwoGateways.metric)
                    let last = try #require(history.last)
                    #expect(last.nextHops.count == 2)
                    #expect(observer.changes().filter { $0.time <= last.time }.count <= before)
                }
            }
        }

        @Test func `Killed again and again at any moment, it never touches a route`() async throws {
            try await withLab { lab in
                // So patient that the slowest start comes in time: sessions go on.
                let network = try TwoGateways(
                    in: lab, timers: PeerTimers(intervalMilliseconds: 50, multiplier: 100))
                let observer = try await RouteObserver(in: lab, network.node)
                try await network.startPeers()
                let daemon = try network.daemon(multiplier: 100)
                try await daemon.start()
                try await network.waitForNextHops([.bird, .frr], seenBy: observer)
                let before = observer.changes().count

                for _ in 0..<4 {
                    try await daemon.kill9()
                    try await Task.sleep(for: .milliseconds(Int.random(in: 0...300)))
                    try await daemon.start()
                    try await Task.sleep(for: .milliseconds(Int.random(in: 0...1000)))
                }
                try await network.bird.waitForAll("up")
                try await network.frr.waitForAll("up")
                let since = Array(observer.changes().dropFirst(before))
                #expect(since.isEmpty, "\(since)")
            }
        }

        @Test func `With stop-routes keep, routes outlive an orderly stop`() async throws {
            try await withLab { lab in
                let network = try TwoGateways(in: lab)
                let observer = try await RouteObserver(in: lab, network.node)
                try await network.startPeers()
                let daemon = try network.daemon(settings: "stop-routes: keep")
                try await daemon.start()
                try await network.waitForNextHops([.bird, .frr], seenBy: observer)
                let before = observer.changes().count

                #expect(try await daemon.terminate() == 0)
                try await network.frr.waitForAll("down")
                let heard = try network.frr.view().map(\.remoteDiagnostic)
                #expect(heard.allSatisfy { $0 == "administratively down" })
                try await daemon.start()
                try await network.frr.waitForAll("up")
                try await network.bird.waitForAll("up")
                try await network.waitForNextHops([.bird, .frr], seenBy: observer)
                let deletions = observer.changes().dropFirst(before).filter(\.isDeletion)
                #expect(deletions.isEmpty, "\(deletions)")
            }
        }

        @Test func `A peer that died with the daemon goes, the survivor stays`() async throws {
            try await withLab { lab in
                let network = try TwoGateways(in: lab)
                let observer = try await RouteObserver(in: lab, network.node)
                try await network.startPeers()
                let daemon = try network.daemon()
                try await daemon.start()
                try await network.waitForNextHops([.bird, .frr], seenBy: observer)

                try await daemon.kill9()
                let death = try await network.frr.kill9()
                try await daemon.start()
                try await network.waitForNextHops([.bird], seenBy: observer, within: 40)
                let history = observer.memberships(of: "0.0.0.0/0", metric: TwoGateways.metric)
                #expect(
                    history.filter { $0.time >= death }.map(\.nextHops)
                        == [[TwoGateways.address(.bird)]])
            }
        }

        @Test func `A stopped daemon declares nobody down who kept talking`() async throws {
            try await withLab { lab in
                let network = try TwoGateways(in: lab)
                let observer = try await RouteObserver(in: lab, network.node)
                try await network.startPeers()
                // The peers wait 40 intervals for us: it is ours to judge, not theirs.
                let daemon = try network.daemon(multiplier: 40)
                try await daemon.start()
                try await network.waitForNextHops([.bird, .frr], seenBy: observer)
                try await eventually("the detection time is 750 ms") {
                    try daemon.status().sessions.allSatisfy {
                        $0.running.detectionTime == 750_000
                    }
                }
                let before = observer.changes().count
                let events = try daemon.events().filter { $0.type == "session" }.count

                for _ in 0..<3 {
                    daemon.signal(SIGSTOP)
                    try await Task.sleep(for: .milliseconds(1100))
                    daemon.signal(SIGCONT)
                    try await Task.sleep(for: .milliseconds(300))
                }
                #expect(try daemon.status().sessions.allSatisfy { $0.statistics.downCount == 0 })
                #expect(try daemon.events().filter { $0.type == "session" }.count == events)
                #expect(observer.changes().count == before)
            }
        }

        @Test func `A stopped daemon whose buffers ran over declares nobody down`() async throws {
            try await withLab { lab in
                // So slow that no packet comes while the full buffer is being read.
                let network = try TwoGateways(
                    in: lab, timers: PeerTimers(intervalMilliseconds: 300, multiplier: 3))
                try await network.startPeers()
                // Sockets that nothing but ticks has read: each other socket notes a stall too.
                let daemon = try GatewatchDaemon(
                    in: lab,
                    configuration: """
                        namespace: \(network.node.name)
                        stop-hold: 100ms
                        defaults:
                          desired-min-tx-interval: 300ms
                          required-min-rx-interval: 300ms
                          local-multiplier: 40
                        peers: [{name: bird, dest-addr: 10.9.1.1}, {name: frr, dest-addr: 10.9.2.1}]
                        """)
                try await daemon.start()
                try await eventually("both are Up, the detection time is 900 ms") {
                    try daemon.status().sessions.allSatisfy {
                        $0.running.localState == "up" && $0.running.detectionTime == 900_000
                    }
                }
                let events = try daemon.events().filter { $0.type == "session" }.count
                let packet = try network.packetOfBird(to: daemon.session("bird"))

                for _ in 0..<3 {
                    // So many packets that they wait in the buffer for the next tick.
                    let busy = try network.flood(packet, pauseMicroseconds: 1000)
                    try await Task.sleep(for: .milliseconds(400))
                    daemon.signal(SIGSTOP)
                    try await busy.kill9()
                    let flood = try network.flood(packet, pauseMicroseconds: 0)
                    // The detection time and more after the last packet that found room.
                    try await Task.sleep(for: .milliseconds(1600))
                    try await flood.kill9()
                    daemon.signal(SIGCONT)
                    try await Task.sleep(for: .milliseconds(500))
                }
                let status = try daemon.status()
                #expect(status.sessions.allSatisfy { $0.statistics.downCount == 0 })
                #expect(try daemon.events().filter { $0.type == "session" }.count == events)
                // Otherwise nothing of this has been seen.
                #expect(status.punctuality?.receiveDropCount ?? 0 > 0)
            }
        }
    }
}

extension TwoGateways {
    /// What BIRD would send, as hexadecimal digits: Up, no question, no answer.
    fileprivate func packetOfBird(to session: StatusReply.Session) throws -> String {
        let own = try #require(session.remoteDiscriminator)
        return "20c00318"
            + [own, session.localDiscriminator, 300_000, 300_000, 0]
            .map { String(format: "%08x", $0) }.joined()
    }

    /// Sends a packet from BIRD's address again and again.
    fileprivate func flood(_ packet: String, pauseMicroseconds: Int) throws -> RunningProcess {
        try lab.start(
            "flood",
            [
                try BuiltProduct.path(of: "LabProbe"), "flood", Self.nodeAddresses[0], "3784",
                Self.gateways[0], "\(pauseMicroseconds)", packet,
            ], in: birdNamespace)
    }
}
