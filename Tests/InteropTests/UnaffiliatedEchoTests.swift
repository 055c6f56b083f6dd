internal import Foundation
internal import TestSupport
internal import Testing

extension Interop {
    /// Sessions with a router that runs no BFD at all (RFC 9747).
    @Suite struct UnaffiliatedEchoTests {
        /// A node and a router on one cable; the router's kernel forwards, and nothing else.
        private struct Network {
            let node: Namespace
            let router: Namespace
            let daemon: GatewatchDaemon

            init(in lab: Lab, keys: String = "") throws {
                node = try lab.namespace("node")
                router = try lab.namespace("router")
                try lab.link(
                    LinkEnd(node, "uplink", "10.9.1.10/24", "fd09:1::10/64"),
                    LinkEnd(router, "down", "10.9.1.1/24", "fd09:1::1/64"))
                try node.set([("net/ipv4/conf/all/accept_local", 1)])
                daemon = try GatewatchDaemon(
                    in: lab,
                    configuration: """
                        namespace: \(node.name)
                        defaults:
                          desired-min-tx-interval: 50ms
                          unaffiliated-echo: true
                          interface: uplink
                          \(keys)
                        peers:
                          - {name: four, dest-addr: 10.9.1.1, source-addr: 10.9.1.10}
                          - {name: six, dest-addr: "fd09:1::1", source-addr: "fd09:1::10"}
                        routes:
                          - {prefix: 0.0.0.0/0, next-hops: [{peer: four}]}
                          - {prefix: "::/0", next-hops: [{peer: six}]}
                        """)
            }

            var routeStates: [String] {
                get throws { try daemon.routes().routes.map(\.state) }
            }

            func setLoop(_ isWhole: Bool) throws {
                if isWhole {
                    try router.run("nft", "delete", "table", "inet", "cut")
                } else {
                    try router.run("nft", "add table inet cut")
                    try router.run(
                        "nft",
                        "add chain inet cut forward { type filter hook forward priority 0 ; }")
                    try router.run("nft", "add rule inet cut forward udp dport 3785 drop")
                }
            }
        }

        @Test func `9747-2-02, 9747-2-05, 9747-2-07: looped packets on the wire`() async throws {
            try await withLab { lab in
                let network = try Network(in: lab)
                let capture = try await Capture(in: lab, network.router, interfaces: ["down"])
                try await network.daemon.start()
                try await network.daemon.waitForAll("up")
                try await capture.stop()
                let packets = try capture.packets(readingEchoAsControl: true)
                for own in ["10.9.1.10", "fd09:1::10"] {
                    let seen = packets.filter { $0.source == own && $0.destination == own }
                    let sent = seen.filter { $0.hopLimit == 255 }
                    #expect(sent.count > 3 && seen.count > sent.count)
                    #expect(seen.allSatisfy { $0.destinationPort == 3785 })
                    #expect(seen.allSatisfy { $0.hopLimit == 255 || $0.hopLimit == 254 })
                    #expect(Set(sent.map(\.sourcePort)).count == 1)
                    #expect(sent.first?.yourDiscriminator == 0)
                    #expect(sent.last?.yourDiscriminator == sent.last?.myDiscriminator)
                    #expect(Set(sent.map(\.state)).isSubset(of: [1, 2, 3]))
                    #expect(Set(sent.map(\.desiredMinTxInterval)) == [1_000_000])
                }
                let faults = try capture.packets(
                    "bfd && (_ws.malformed || udp.checksum.status == 0)",
                    readingEchoAsControl: true)
                #expect(faults.isEmpty, "\(faults)")
                let session = try network.daemon.session("four")
                #expect(session.isUnaffiliatedEcho == true && session.sourcePort != nil)
                let text = try network.daemon.command("status", "six")
                #expect(text.contains("the peer only forwards our packets"))
            }
        }

        @Test(arguments: [false, true])
        func `9747-2-10: a router that no longer forwards, or a cut link, takes the route away`(
            isLinkCut: Bool
        ) async throws {
            try await withLab { lab in
                let network = try Network(in: lab)
                try await network.daemon.start()
                try await network.daemon.waitForAll("up")
                try await eventually("the routes are there") {
                    try network.routeStates == ["installed", "installed"]
                }
                if isLinkCut {
                    try network.router.run("ip", "link", "set", "dev", "down", "down")
                } else {
                    try network.setLoop(false)
                }
                try await network.daemon.waitForAll("down")
                try await eventually("the routes are gone") {
                    try network.routeStates == ["withdrawn", "withdrawn"]
                }
                let session = try network.daemon.session("four")
                #expect(session.running.localDiagnostic == "echo-failed")
                #expect(session.statistics.downCount == 1)
                if isLinkCut {
                    try network.router.run("ip", "link", "set", "dev", "down", "up")
                    try network.router.run(
                        "ip", "address", "replace", "fd09:1::1/64", "dev", "down", "nodad")
                } else {
                    try network.setLoop(true)
                }
                try await network.daemon.waitForAll("up")
                try await eventually("the routes are back") {
                    try network.routeStates == ["installed", "installed"]
                }
            }
        }

        @Test func `9747-5-01: looped packets are authenticated where that is asked for`()
            async throws
        {
            try await withLab { lab in
                let secret = lab.folder.appending(path: "secret").path
                try "tomato".write(toFile: secret, atomically: true, encoding: .utf8)
                try FileManager.default.setAttributes(
                    [.posixPermissions: 0o600], ofItemAtPath: secret)
                let network = try Network(
                    in: lab,
                    keys: "authentication: {type: meticulous-keyed-sha1, "
                        + "keys: [{id: 1, secret-file: \(secret)}]}")
                let capture = try await Capture(in: lab, network.router, interfaces: ["down"])
                try await network.daemon.start()
                try await network.daemon.waitForAll("up")
                try await capture.stop()
                let packets = try capture.packets(readingEchoAsControl: true)
                #expect(!packets.isEmpty && packets.allSatisfy { $0.messageLength == 52 })
                for session in try network.daemon.status().sessions {
                    #expect(session.running.remoteAuthenticated && session.discards == [:])
                }
            }
        }

        @Test func `Looped sessions go on in the next process`() async throws {
            try await withLab { lab in
                let network = try Network(in: lab, keys: "local-multiplier: 20")
                try await network.daemon.start()
                try await network.daemon.waitForAll("up")
                let before = try network.daemon.status().sessions
                for _ in 0..<2 {
                    #expect(try await network.daemon.handOver() == 0)
                    let after = try network.daemon.status().sessions
                    #expect(after.map(\.localDiscriminator) == before.map(\.localDiscriminator))
                    #expect(after.map(\.sourcePort) == before.map(\.sourcePort))
                    let received = after.map(\.statistics.receivedPacketCount)
                    try await eventually("packets come back") {
                        try zip(network.daemon.status().sessions, received).allSatisfy {
                            $0.statistics.receivedPacketCount > $1 + 3
                        }
                    }
                }
                let last = try network.daemon.status().sessions
                #expect(last.allSatisfy { $0.statistics.downCount == 0 })
                try network.setLoop(false)
                try await network.daemon.waitForAll("down")
                #expect(try network.daemon.session("four").running.localDiagnostic == "echo-failed")
            }
        }

        @Test func `9747-2-01: disabled says nothing, enabled starts anew`() async throws {
            try await withLab { lab in
                let network = try Network(in: lab)
                try await network.daemon.start()
                try await network.daemon.waitForAll("up")
                try network.daemon.command("peer", "disable", "four")
                try await eventually("the route is gone") {
                    try network.routeStates.contains("withdrawn")
                }
                #expect(try network.daemon.session("four").running.localState == "adminDown")
                let capture = try await Capture(
                    in: lab, network.router, interfaces: ["down"], filter: "ip and udp port 3785")
                try await Task.sleep(for: .milliseconds(1500))
                try await capture.stop()
                #expect(try capture.packets("udp").isEmpty)
                try network.daemon.command("peer", "enable", "four")
                try await network.daemon.waitForAll("up")
                try await eventually("the route is back") {
                    try network.routeStates == ["installed", "installed"]
                }
                #expect(try await network.daemon.terminate() == 0)
            }
        }
    }
}
