internal import Foundation
internal import TestSupport
internal import Testing

/// Gatewatch against BIRD and FRR, on the real kernel, one lab after another.
@Suite(
    .serialized,
    .enabled(if: LabRequirements.areTestsEnabled, "\(LabRequirements.reason)"))
struct Interop {}

extension Interop {
    /// The lab itself: what the other tests conclude from must be true without Gatewatch.
    @Suite struct LabTests {
        @Test func `BIRD and FRR come up with each other over IPv4 and IPv6`() async throws {
            try await withLab { lab in
                let (one, other) = (try lab.namespace("bird"), try lab.namespace("frr"))
                try lab.link(
                    LinkEnd(one, "uplink", "10.9.0.1/24", "fd09::1/64"),
                    LinkEnd(other, "uplink", "10.9.0.2/24", "fd09::2/64"))
                let timers = PeerTimers(intervalMilliseconds: 50)
                let bird = try BirdPeer(
                    in: lab, one,
                    links: [
                        PeerLink(local: "10.9.0.1", remote: "10.9.0.2", interface: "uplink"),
                        PeerLink(local: "fd09::1", remote: "fd09::2", interface: "uplink"),
                    ], timers: timers)
                let frr = try FrrPeer(
                    in: lab, other,
                    links: [
                        PeerLink(local: "10.9.0.2", remote: "10.9.0.1", interface: "uplink"),
                        PeerLink(local: "fd09::2", remote: "fd09::1", interface: "uplink"),
                    ], timers: timers)
                let capture = try await Capture(in: lab, one, interfaces: ["uplink"])
                try await bird.start()
                try await frr.start()
                try await bird.waitForAll("up")
                try await frr.waitForAll("up")

                try frr.setShutdown(true)
                try await bird.waitForAll("down")
                try frr.setShutdown(false)
                try await bird.waitForAll("up")

                try await frr.setTimers(PeerTimers(intervalMilliseconds: 300))
                try await bird.setTimers(PeerTimers(intervalMilliseconds: 300))
                _ = try await bird.kill9()
                try await frr.waitForAll("down")
                try await bird.start()
                try await frr.waitForAll("up")

                try await capture.stop()
                let packets = try capture.packets()
                #expect(packets.contains { $0.state == 3 && $0.source == "fd09::1" })
                #expect(packets.allSatisfy { $0.hopLimit == 255 && $0.time > 0 })
                let everybody = ["10.9.0.1", "10.9.0.2", "fd09::1", "fd09::2"]
                #expect(try capture.faults(from: everybody).isEmpty)
            }
        }

        @Test(arguments: [false, true])
        func `The observer follows next hops`(withObjects: Bool) async throws {
            try await withLab { lab in
                let (one, other) = (try lab.namespace("one"), try lab.namespace("other"))
                try lab.link(
                    LinkEnd(one, "uplink", "10.9.0.1/24", "fd09::1/64"),
                    LinkEnd(other, "uplink", "10.9.0.2/24", "fd09::2/64"))
                let observer = try await RouteObserver(in: lab, one)
                for (prefix, gateways) in [
                    ("0.0.0.0/0", ["10.9.0.2", "10.9.0.3"]), ("::/0", ["fd09::2", "fd09::3"]),
                ] {
                    try changeRoutes(one, prefix, gateways, withObjects: withObjects)
                    let wanted: [Set<String>] = [Set(gateways), [gateways[1]], []]
                    try await eventually("the changes are seen") {
                        observer.memberships(of: prefix, metric: 50).map(\.nextHops) == wanted
                    }
                }
            }
        }

        private func changeRoutes(
            _ namespace: Namespace, _ prefix: String, _ gateways: [String], withObjects: Bool
        ) throws {
            func ip(_ text: String) throws {
                try Command.run(
                    ["ip"] + text.split(separator: " ").map(String.init), in: namespace)
            }
            if withObjects {
                try ip("nexthop add id 11 via \(gateways[0]) dev uplink")
                try ip("nexthop add id 12 via \(gateways[1]) dev uplink")
                try ip("nexthop add id 21 group 11/12")
                try ip("route add \(prefix) nhid 21 metric 50")
                try ip("nexthop replace id 21 group 12")
                try ip("route delete \(prefix) metric 50")
                for identifier in [21, 12, 11] { try ip("nexthop delete id \(identifier)") }
            } else {
                let both = gateways.map { "nexthop via \($0)" }.joined(separator: " ")
                try ip("route add \(prefix) metric 50 \(both)")
                try ip("route replace \(prefix) metric 50 nexthop via \(gateways[1])")
                try ip("route delete \(prefix) metric 50")
            }
        }

        @Test func `The probe counts what is lost and nothing else`() async throws {
            try await withLab { lab in
                let (client, server) = (try lab.namespace("client"), try lab.namespace("server"))
                try lab.link(
                    LinkEnd(client, "uplink", "10.8.0.2/24"),
                    LinkEnd(server, "uplink", "10.8.0.1/24"))
                try server.run("ip", "address", "add", "10.99.0.1/32", "dev", "lo")
                try client.run("ip", "route", "add", "10.99.0.0/24", "via", "10.8.0.1")
                let probe = try await Probe(
                    in: lab, from: client, to: server, prefix: "10.99.0.", count: 2)
                try await Task.sleep(for: .milliseconds(300))
                let report = try await probe.stop()
                // 10.99.0.2 is nobody's address, so every second datagram is lost.
                #expect(report.sent > 20)
                #expect(report.losses.count == report.sent / 2)
            }
        }

        @Test func `The probe notices a dead gateway until the route leaves it`() async throws {
            try await withLab { lab in
                let network = try TwoGateways(in: lab)
                let observer = try await RouteObserver(in: lab, network.node)
                let ways = TwoGateways.gateways.map { ["nexthop", "via", $0] }
                let route = ["ip", "route", "replace", "default", "metric", "50"]
                try Command.run(route + ways.joined(), in: network.node)
                let probe = try await network.startProbe()
                try await Task.sleep(for: .milliseconds(300))
                try network.frrNamespace.setForwarding(false)
                try await Task.sleep(for: .milliseconds(200))
                try Command.run(route + ways[0], in: network.node)
                try await Task.sleep(for: .milliseconds(300))
                let report = try await probe.stop()

                let change = try #require(
                    observer.memberships(of: "0.0.0.0/0", metric: TwoGateways.metric).last)
                #expect(change.nextHops == [TwoGateways.gateways[0]])
                #expect(!report.losses.isEmpty)
                #expect(report.losses.allSatisfy { $0 < change.time })
            }
        }

        @Test func `What a crashed run left behind is removed`() async throws {
            let leftover = "gwt-zz\(Int.random(in: 100_000...999_999))"
            try FileManager.default.createDirectory(
                atPath: "/tmp/\(leftover)", withIntermediateDirectories: false)
            // Process 1 is alive, but was not started at the beginning of time plus one.
            try "1 1x\n".write(
                toFile: "/tmp/\(leftover)/owner", atomically: true, encoding: .utf8)
            try Command.run(["ip", "netns", "add", "\(leftover)-a"])
            LabSweep.removeLeftovers()
            #expect(!FileManager.default.fileExists(atPath: "/run/netns/\(leftover)-a"))
            #expect(!FileManager.default.fileExists(atPath: "/tmp/\(leftover)"))
        }
    }
}
