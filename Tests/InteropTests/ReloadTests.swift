internal import Foundation
internal import TestSupport
internal import Testing

extension Interop {
    /// Another configuration while sessions and routes live.
    @Suite struct ReloadTests {
        @Test func `5880-6.8.3-03: of a hundred sessions only the one that changes says something`()
            async throws
        {
            try await withLab { lab in
                let crowd = try ManyGateways(in: lab, count: 100)
                try await crowd.start()
                let observer = try await RouteObserver(in: lab, crowd.node)
                let changes = observer.changes().count
                let capture = try await Capture(in: lab, crowd.node, interfaces: ["uplink"])
                try await Task.sleep(for: .seconds(1))
                try crowd.daemon.rewrite(
                    "{name: gw-7, dest-addr: 10.9.1.7}",
                    to: "{name: gw-7, dest-addr: 10.9.1.7, desired-min-tx-interval: 80ms, "
                        + "local-multiplier: 4}")
                try await crowd.daemon.waitForApplied(2)
                try await Task.sleep(for: .seconds(1))
                try await capture.stop()

                #expect(try crowd.daemon.hasNeverBeenDown())
                #expect(try crowd.peers.hasNeverBeenDown())
                #expect(observer.changes().count == changes)
                let packets = try capture.packets().filter { $0.source == "10.9.0.1" }
                let byPeer = Dictionary(grouping: packets, by: \.destination)
                #expect(byPeer.count == 100)
                for (address, sent) in byPeer where address != "10.9.1.7" {
                    #expect(sent.allSatisfy { !$0.poll && !$0.final && $0.state == 3 })
                    #expect(Set(sent.map(\.desiredMinTxInterval)).count == 1)
                    #expect(Set(sent.map(\.sourcePort)).count == 1)
                }
                let changed = try #require(byPeer["10.9.1.7"])
                #expect(changed.contains { $0.poll })
                #expect(changed.last?.detectMultiplier == 4)
                #expect(Set(changed.map(\.sourcePort)).count == 1)
                try await eventually("the peer waits longer") {
                    try crowd.peers.session("node-7").running.detectionTime == 320_000
                }
            }
        }

        @Test func `Twenty reloads in a row under traffic lose no datagram`() async throws {
            try await withLab { lab in
                let network = try TwoGateways(in: lab)
                let observer = try await RouteObserver(in: lab, network.node)
                try await network.startPeers()
                let daemon = try network.daemon(multiplier: 15)
                try await daemon.start()
                try await network.waitForNextHops([.bird, .frr], seenBy: observer)
                let probe = try await network.startProbe()
                let before = observer.changes().count
                for round in 1...20 {
                    let (old, new) = round % 2 == 1 ? ("50ms", "60ms") : ("60ms", "50ms")
                    try daemon.rewrite(old, to: new)
                    // By hand, by signal, and by itself.
                    switch round % 3 {
                    case 0: try daemon.command("reload")
                    case 1: daemon.signal(SIGHUP)
                    default: break
                    }
                    try await daemon.waitForApplied(round + 1)
                }
                // A route's own parameters, its next hops being the same.
                try daemon.rewrite("on-admin-down: withdraw", to: "on-admin-down: keep")
                try await daemon.waitForApplied(22)
                let report = try await probe.stop()
                #expect(report.sent > 0 && report.losses.isEmpty, "\(report.losses.count) lost")
                #expect(try daemon.hasNeverBeenDown())
                #expect(observer.changes().dropFirst(before).filter(\.isDeletion).isEmpty)
                #expect(try network.shownNextHops("-4") == Set(TwoGateways.gateways))
                let ups = try daemon.events().filter { $0.newState == "up" }
                #expect(ups.count == 4)
                try await network.bird.waitForAll("up")
                try await network.frr.waitForAll("up")
            }
        }

        @Test func `Next hops that stay never leave, whatever the others do`() async throws {
            try await withLab { lab in
                let crowd = try ManyGateways(in: lab, count: 4)
                let observer = try await RouteObserver(in: lab, crowd.node)
                try await crowd.start()
                try await eventually("the route has both") {
                    try crowd.daemon.routes().routes.map(\.state) == ["installed"]
                }
                func nextHops() -> [Set<String>] {
                    observer.memberships(of: "0.0.0.0/0", metric: 50).map(\.nextHops)
                }
                let start = nextHops().count
                // One leaves, two come; a peer is renamed; another kind of object; and back.
                try crowd.daemon.rewrite(
                    "[{peer: gw-1}, {peer: gw-2}]",
                    to: "[{peer: gw-1}, {peer: gw-3}, {peer: gw-4}]")
                try await crowd.daemon.waitForApplied(2)
                let identifier = try crowd.daemon.session("gw-1").localDiscriminator
                try crowd.daemon.rewrite("gw-1,", to: "first,")
                try crowd.daemon.rewrite("gw-1}", to: "first}")
                try await eventually("the peer is called otherwise") {
                    try crowd.daemon.status().sessions.contains { $0.name == "first" }
                }
                #expect(try crowd.daemon.session("first").localDiscriminator == identifier)
                let applied = try #require(try crowd.daemon.status().configuration).appliedCount
                try crowd.daemon.rewrite("stop-hold: 1s", to: "next-hop-objects: false")
                try await crowd.daemon.waitForApplied(applied + 1)
                try crowd.daemon.rewrite("next-hop-objects: false", to: "stop-hold: 1s")
                try await crowd.daemon.waitForApplied(applied + 2)
                let shown = try crowd.node.run("ip", "route", "show", "default")
                #expect(shown.contains("nhid"))
                for address in ["10.9.1.1", "10.9.1.3", "10.9.1.4"] {
                    #expect(shown.contains("via \(address) "))
                }
                #expect(nextHops().dropFirst(start).allSatisfy { $0.contains("10.9.1.1") })
                #expect(try crowd.daemon.hasNeverBeenDown())
                #expect(try crowd.peers.hasNeverBeenDown())
            }
        }

        @Test func `Peers come, go and move; those who stay notice nothing`() async throws {
            try await withLab { lab in
                let crowd = try ManyGateways(in: lab, count: 4)
                try await crowd.start()
                let gone = "  - {name: gw-4, dest-addr: 10.9.1.4}"
                try crowd.daemon.rewrite(gone, to: "")
                try await eventually("a peer is told, and forgotten here") {
                    try crowd.peers.session("node-4").running.localState == "down"
                        && crowd.daemon.status().sessions.count == 3
                }
                #expect(
                    try crowd.peers.session("node-4").running.remoteDiagnostic == "admin-down")
                try crowd.daemon.rewrite(
                    "gw-3, dest-addr: 10.9.1.3", to: "gw-3, dest-addr: 10.9.1.4")
                try await eventually("the session is with another one") {
                    try crowd.peers.session("node-4").running.localState == "up"
                        && crowd.peers.session("node-3").running.localState != "up"
                }
                try crowd.daemon.rewrite(
                    "gw-3, dest-addr: 10.9.1.4", to: "gw-3, dest-addr: 10.9.1.3")
                try crowd.daemon.rewrite(crowd.daemon.configuration + "\n" + gone)
                try await crowd.peers.waitForAll("up")
                for name in ["gw-1", "gw-2"] {
                    #expect(try crowd.daemon.session(name).statistics.downCount == 0)
                }
                for name in ["node-1", "node-2"] {
                    #expect(try crowd.peers.session(name).statistics.downCount == 0)
                }
            }
        }
    }
}
