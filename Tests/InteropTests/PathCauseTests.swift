internal import Foundation
internal import TestSupport
internal import Testing

extension Interop {
    /// Why is it not Up? Causes on the way to the peer, each made for real.
    @Suite struct PathCauseTests {
        @Test func `Nobody answers for the peer's address`() async throws {
            try await withLab { lab in
                let scene = try Examination(in: lab, peer: "10.9.1.77")
                try await scene.daemon.start()
                try await scene.expect(
                    "session-neighbour", "Nobody answers for 10.9.1.77", "uplink")
            }
        }

        @Test func `Nobody answers for an IPv6 address`() async throws {
            try await withLab { lab in
                let scene = try Examination(in: lab, "interface: uplink", peer: "fd09:1::77")
                try await scene.daemon.start()
                try await scene.expect("session-neighbour", "fd09:1::77", "icmp6")
            }
        }

        @Test func `No route leads there`() async throws {
            try await withLab { lab in
                let scene = try Examination(in: lab, peer: "192.0.2.1")
                try await scene.daemon.start()
                try await scene.expect("session-no-route", "Network is unreachable", "192.0.2.1")
            }
        }

        @Test func `No link has our address`() async throws {
            try await withLab { lab in
                let scene = try Examination(in: lab, "source-addr: 10.9.1.99")
                try await scene.daemon.start()
                try await scene.expect("session-source-missing", "10.9.1.99", "source-addr")
            }
        }

        @Test func `The link is down, without carrier, gone`() async throws {
            try await withLab { lab in
                let scene = try Examination(in: lab, "interface: uplink")
                try await scene.daemon.start()
                try scene.far.run("ip", "link", "set", "dev", "down", "down")
                try await scene.expect("session-no-carrier", "uplink", "carrier")
                try scene.node.run("ip", "link", "set", "uplink", "down")
                try await scene.expect("session-link-down", "uplink is set down")
                try scene.node.run("ip", "link", "delete", "uplink")
                try await scene.expect("session-link-absent", "no link uplink")
            }
        }

        @Test func `Nobody listens on the peer's port`() async throws {
            try await withLab { lab in
                let scene = try Examination(in: lab)
                try await scene.daemon.start()
                try await scene.expect(
                    "session-port-unreachable", "10.9.1.1 answers", "ICMP 3/3", "UDP 3784")
            }
        }

        @Test func `Nobody listens on the peer's port, over IPv6`() async throws {
            try await withLab { lab in
                let scene = try Examination(in: lab, peer: "fd09:1::1")
                try await scene.daemon.start()
                try await scene.expect("session-port-unreachable", "ICMPv6 1/4")
            }
        }

        @Test func `A firewall at the peer prohibits it`() async throws {
            try await withLab { lab in
                let scene = try Examination(in: lab)
                try Self.filter(
                    scene.far, "input", "udp dport 3784 reject with icmp type admin-prohibited")
                try await scene.daemon.start()
                try await scene.expect("session-prohibited", "ICMP 3/13", "10.9.1.1")
            }
        }

        @Test func `A router on the way knows no way`() async throws {
            try await withLab { lab in
                let scene = try Examination(
                    in: lab, "multihop: true, source-addr: 10.9.1.10, minimum-ttl: 254",
                    peer: "192.0.2.1")
                try scene.node.run("ip", "route", "add", "192.0.2.0/24", "via", "10.9.1.1")
                try await scene.daemon.start()
                try await scene.expect("session-unreachable", "10.9.1.1 answers", "192.0.2.1")
            }
        }

        @Test func `A rule of this node drops what leaves`() async throws {
            try await withLab { lab in
                let scene = try Examination(in: lab)
                try Self.filter(scene.node, "output", "udp dport 3784 drop")
                try await scene.daemon.start()
                try await scene.expect("session-filter-out", "EPERM", "nft list ruleset")
            }
        }

        @Test func `A rule of this node drops what arrives`() async throws {
            try await withLab { lab in
                let scene = try Examination(in: lab)
                // The far end's own refusals would be told first.
                try Self.filter(scene.far, "input", "udp dport 3784 drop")
                try Self.filter(scene.node, "input", "udp dport 3784 drop")
                try scene.say(Examination.packet())
                try await scene.daemon.start()
                try await scene.expect("session-filter-in", "came to a link", "firewall rule")
            }
        }

        @Test func `The reverse path filter drops what arrives`() async throws {
            try await withLab { lab in
                let scene = try Examination(in: lab, "interface: uplink")
                try Self.filter(scene.far, "input", "udp dport 3784 drop")
                try scene.node.run("ip", "link", "add", "other", "type", "bridge")
                try scene.node.run("ip", "link", "set", "other", "up")
                try scene.node.run("ip", "route", "add", "10.9.1.1/32", "dev", "other")
                try scene.node.set([("net/ipv4/conf/uplink/rp_filter", 1)])
                try scene.say(Examination.packet())
                try await scene.daemon.start()
                try await scene.expect(
                    "session-filter-in", "the reverse path filter dropped", "rp_filter")
            }
        }

        @Test func `Another program has the port, too`() async throws {
            try await withLab { lab in
                let scene = try Examination(in: lab)
                try Self.filter(scene.far, "input", "udp dport 3784 drop")
                try await scene.daemon.start()
                let other = try lab.start(
                    "hold",
                    [try BuiltProduct.path(of: "LabProbe"), "hold", "10.9.1.10", "3784"],
                    in: scene.node)
                try scene.say(Examination.packet())
                try await scene.expect(
                    "session-port-shared", "LabProbe (process \(other.identifier)", "10.9.1.10")
            }
        }

        @Test func `A daemon that finds the port taken says by whom`() async throws {
            try await withLab { lab in
                let scene = try Examination(in: lab)
                let bird = try BirdPeer(
                    in: lab, scene.node,
                    links: [
                        PeerLink(local: "10.9.1.10", remote: "10.9.1.1", interface: "uplink")
                    ], timers: PeerTimers(intervalMilliseconds: 50))
                try await bird.start()
                let (status, output) = try await scene.daemon.startAndFail()
                #expect(status == 1)
                #expect(output.contains("[port]") && output.contains("bird"), "\(output)")
            }
        }

        static func filter(_ namespace: Namespace, _ hook: String, _ rule: String) throws {
            try namespace.run("nft", "add table inet examination")
            try namespace.run(
                "nft",
                "add chain inet examination \(hook) { type filter hook \(hook) priority 0 ; }")
            try namespace.run("nft", "add rule inet examination \(hook) \(rule)")
        }
    }
}
