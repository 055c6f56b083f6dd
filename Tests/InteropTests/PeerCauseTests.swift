internal import Foundation
internal import TestSupport
internal import Testing

extension Interop {
    /// Why is it not Up? Causes at the other end, each made for real.
    @Suite struct PeerCauseTests {
        /// What we send is swallowed there, so that its refusals do not answer first.
        private func mute(_ scene: Examination) throws {
            try PathCauseTests.filter(scene.far, "input", "udp dport 3784 drop")
        }

        @Test func `Nothing comes at all`() async throws {
            try await withLab { lab in
                let scene = try Examination(in: lab)
                try mute(scene)
                try await scene.daemon.start()
                try await scene.expect("session-silent", "no packet from 10.9.1.1 to UDP 3784")
            }
        }

        @Test func `Both ends wait to be spoken to`() async throws {
            try await withLab { lab in
                let scene = try Examination(in: lab, "role: passive")
                try await scene.daemon.start()
                try await scene.expect("session-silent", "We are passive", "role: active")
            }
        }

        @Test func `The peer speaks and does not hear us`() async throws {
            try await withLab { lab in
                let scene = try Examination(in: lab)
                try mute(scene)
                try scene.say(Examination.packet())
                try await scene.daemon.start()
                try await scene.expect("session-one-way", "has been saying Down for", "answer Init")
            }
        }

        @Test func `BIRD does not hear us`() async throws {
            try await withLab { lab in
                let network = try OneGateway(in: lab)
                try await network.bird.start()
                try PathCauseTests.filter(
                    network.bird.namespace, "input", "udp dport 3784 drop")
                let daemon = try GatewatchDaemon(
                    in: lab,
                    configuration: """
                        namespace: \(network.node.name)
                        peers: [{name: tor, dest-addr: 10.9.1.1}]
                        """)
                try await daemon.start()
                try await eventually("one-way is told", within: 20) {
                    try daemon.doctor().checks.first?.findings.first?.code == "session-one-way"
                }
            }
        }

        @Test func `The peer's operator has disabled it`() async throws {
            try await withLab { lab in
                let scene = try Examination(in: lab)
                let other = try GatewatchDaemon(
                    in: lab,
                    configuration: """
                        namespace: \(scene.far.name)
                        stop-hold: 100ms
                        peers: [{name: node, dest-addr: 10.9.1.10}]
                        """)
                try await other.start()
                try await scene.daemon.start()
                try await scene.daemon.waitForAll("up")
                try other.command("peer", "disable", "node")
                try await scene.daemon.waitForAll("down")
                try await scene.expect("session-peer-admin-down", "AdminDown", "no failure")
                try mute(scene)
                try await other.kill9()
                try await scene.expect("session-peer-admin-down", "it is silent now")
                try scene.daemon.command("peer", "disable", "tor")
                try await scene.daemon.waitForAll("adminDown")
                try await scene.expect("session-disabled-here", "peer enable")
            }
        }

        @Test(arguments: [(254, "minimum-ttl: 254"), (62, "193 routers in between")])
        func `The TTL is too low`(_ ttl: Int, _ step: String) async throws {
            try await withLab { lab in
                let scene = try Examination(in: lab)
                try mute(scene)
                try scene.say(Examination.packet(), ttl: ttl)
                try await scene.daemon.start()
                try await scene.expect(
                    "session-ttl", "their TTL is \(ttl), at least 255", step, "24 octets: 2040")
            }
        }

        @Test func `Too many routers are in between`() async throws {
            try await withLab { lab in
                let scene = try Examination(
                    in: lab, "multihop: true, source-addr: 10.9.1.10, minimum-ttl: 254")
                try PathCauseTests.filter(scene.far, "input", "udp dport 4784 drop")
                try scene.say(Examination.packet(), ttl: 250, port: 4784)
                try await scene.daemon.start()
                try await scene.expect(
                    "session-ttl", "ttl_below_minimum", "their TTL is 250, at least 254")
            }
        }

        @Test func `The peer holds on to an old discriminator`() async throws {
            try await withLab { lab in
                let scene = try Examination(in: lab)
                try mute(scene)
                try scene.say(Examination.packet(your: 0x0102_0304))
                try await scene.daemon.start()
                try await scene.expect(
                    "session-stale-discriminator", "discriminator 16909060, ours is",
                    "profile: ovn")
            }
        }

        @Test func `The peer is configured for another of our addresses`() async throws {
            try await withLab { lab in
                let scene = try Examination(in: lab, "source-addr: 10.9.1.11")
                try scene.node.run("ip", "address", "add", "10.9.1.11/24", "dev", "uplink")
                try mute(scene)
                try scene.say(Examination.packet())
                try await scene.daemon.start()
                try await scene.expect("session-discards", "no_session", "10.9.1.1 by uplink")
            }
        }

        @Test func `The peer wants no packets`() async throws {
            try await withLab { lab in
                let scene = try Examination(in: lab)
                try mute(scene)
                try scene.say(Examination.packet(requiredMinRx: 0))
                try await scene.daemon.start()
                try await scene.expect(
                    "session-peer-wants-silence", "Required Min RX Interval 0")
            }
        }

        @Test func `It was told to wait, and then that the path is down`() async throws {
            try await withLab { lab in
                let waiting = try Examination(in: lab, "start-delay: 60s")
                try await waiting.daemon.start()
                try await waiting.expect("session-start-delay", "start-delay has")
            }
            try await withLab { lab in
                let scene = try Examination(in: lab)
                try await scene.daemon.start()
                try scene.daemon.command("peer", "signal", "tor", "path-down")
                try await scene.expect("session-path-down", "reported down from outside BFD")
            }
        }

        @Test func `A peer without BFD does not forward our packets back`() async throws {
            try await withLab { lab in
                let scene = try Examination(
                    in: lab, "unaffiliated-echo: true, source-addr: 10.9.1.10")
                try scene.far.setForwarding(false)
                try await scene.daemon.start()
                try await scene.expect("session-not-returned", "ip_forward=1")
            }
        }

        /// What OVN does with less than a millisecond.
        @Test func `The peer falls silent when it hears our interval`() async throws {
            try await withLab { lab in
                let scene = try Examination(in: lab, "required-min-rx-interval: 500us")
                try mute(scene)
                let speaker = try scene.say(Examination.packet())
                try await scene.daemon.start()
                try await scene.daemon.waitForAll("init")
                try await speaker.kill9()
                try await scene.expect("session-ovn-interval", "500 µs", "reads less as 0")
            }
        }

        @Test func `We were later than the peer waits`() async throws {
            try await withLab { lab in
                let network = try OneGateway(in: lab)
                try await network.bird.start()
                let daemon = try GatewatchDaemon(
                    in: lab,
                    configuration: """
                        namespace: \(network.node.name)
                        defaults:
                          desired-min-tx-interval: 50ms
                          required-min-rx-interval: 50ms
                          local-multiplier: 15
                        peers: [{name: tor, dest-addr: 10.9.1.1}]
                        """)
                try await daemon.start()
                try await daemon.waitForAll("up")
                daemon.signal(SIGSTOP)
                try await eventually("BIRD gives us up") {
                    try network.bird.view(of: "10.9.1.10")?.state == "down"
                }
                // So that it stays like that for a while.
                try PathCauseTests.filter(
                    network.bird.namespace, "input", "udp dport 3784 drop")
                daemon.signal(SIGCONT)
                try await eventually("our own lateness is told", within: 20) {
                    let causes = try daemon.doctor().checks.first?.findings ?? []
                    guard let cause = causes.first(where: { $0.code == "session-too-late" })
                    else { return false }
                    print("cause session-too-late:\n\(cause)\n")
                    return cause.evidence?.contains("15 x 50000 µs = 750000 µs") == true
                }
            }
        }

        @Test func `OVN is silent, and its row says admin_down`() async throws {
            try await withLab { lab in
                let scene = try Examination(in: lab, "profile: ovn")
                try mute(scene)
                try await scene.daemon.start()
                try await scene.expect("session-ovn-silent", "OVN always speaks first")
                let rows = lab.folder.appending(path: "rows").path
                let text = """
                    _uuid               : 4b1e8b06-9d39-4e62-a2a1-9cdf6b2c6a1b
                    detect_mult         : 3
                    dst_ip              : "10.9.1.10"
                    logical_port        : vpc1-external
                    min_rx              : 100
                    min_tx              : 100
                    status              : admin_down

                    """
                try text.write(toFile: rows, atomically: true, encoding: .utf8)
                let report = try scene.daemon.doctor("--ovn-bfd", rows)
                let cause = try #require(report.checks.first?.findings.first)
                print("cause \(cause.code):\n\(cause)\n")
                #expect(cause.code == "session-ovn-admin-down")
                #expect(cause.evidence?.contains("vpc1-external to 10.9.1.10") == true)
                #expect(cause.cause.contains("does not mean that this node"))
            }
        }

        @Test func `Somebody sends who is no peer`() async throws {
            try await withLab { lab in
                let scene = try Examination(in: lab, "role: passive", peer: "10.9.1.77")
                try scene.say(Examination.packet())
                try await scene.daemon.start()
                try await eventually("the sender is named", within: 20) {
                    let findings = try scene.daemon.doctor().checks.first?.findings ?? []
                    guard let cause = findings.first(where: { $0.code == "namespace-M" })
                    else { return false }
                    print("cause \(cause.code):\n\(cause)\n")
                    return cause.cause.contains("10.9.1.1 sends BFD packets")
                }
            }
        }

        @Test func `Without causes all is well; without a daemon nobody could look`() async throws {
            try await withLab { lab in
                let network = try OneGateway(in: lab)
                try await network.bird.start()
                let daemon = try GatewatchDaemon(
                    in: lab,
                    configuration: """
                        namespace: \(network.node.name)
                        stop-hold: 100ms
                        peers: [{name: tor, dest-addr: 10.9.1.1}]
                        """)
                try await daemon.start()
                try await daemon.waitForAll("up")
                #expect(try daemon.doctor().checks.first?.summary == "1 of 1 up")
                try await daemon.terminate()
                let result = try Command.result([
                    try BuiltProduct.path(of: "gatewatch"), "doctor", "--socket",
                    daemon.stateDirectory.path, "--namespace", network.node.name,
                ])
                #expect(result.status == 2, "\(result.output)")
                #expect(result.output.contains("could not look"), "\(result.output)")
            }
        }
    }
}
