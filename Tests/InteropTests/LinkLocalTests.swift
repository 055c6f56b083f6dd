internal import Foundation
internal import TestSupport
internal import Testing

extension Interop {
    /// Gateways known by link-local addresses, as routers announce themselves.
    @Suite struct LinkLocalTests {
        @Test func `Two gateways with one link-local address are two sessions`() async throws {
            try await withLab { lab in
                let network = try TwoGateways(in: lab)
                let (first, second) = (
                    try gateway(network, network.birdNamespace),
                    try gateway(network, network.frrNamespace)
                )
                for uplink in ["uplink-a", "uplink-b"] {
                    try network.node.run(
                        "ip", "address", "add", "fe80::10/64", "dev", uplink, "nodad")
                }
                try await first.start()
                try await second.start()
                let daemon = try GatewatchDaemon(in: lab, configuration: configuration(network))
                try await daemon.start()
                try await eventually("both links are in the route") {
                    try links(network) == ["uplink-a", "uplink-b"]
                }
                _ = try await first.kill9()
                try await eventually("one link is left") { try links(network) == ["uplink-b"] }
                #expect(try daemon.session("b").running.localState == "up")
                // What comes to the other link is not of this peer, though of its address.
                let codes = try daemon.doctor().checks.flatMap(\.findings)
                    .filter { $0.subject == "a" }.map(\.code)
                #expect(!codes.isEmpty && !codes.contains("session-filter-in"), "\(codes)")
                try network.node.run("ip", "link", "set", "uplink-a", "down")
                try network.node.run("ip", "link", "set", "uplink-a", "name", "renamed")
                try await eventually("the link is missed") {
                    try daemon.doctor().checks.flatMap(\.findings).contains {
                        $0.subject == "a" && $0.code == "session-link-absent"
                    }
                }
                let hops = try daemon.routes().routes.flatMap(\.nextHops)
                #expect(hops.filter(\.installed).map(\.peer) == ["b"])
                try network.node.run("ip", "link", "set", "renamed", "name", "uplink-a")
                try network.node.run("ip", "link", "set", "uplink-a", "up")
                try network.node.run(
                    "ip", "address", "replace", "fe80::10/64", "dev", "uplink-a", "nodad")
                try await first.start()
                try await eventually("both are back") {
                    try links(network) == ["uplink-a", "uplink-b"]
                }
                #expect(try daemon.session("b").statistics.downCount == 0)
            }
        }

        @Test func `Four links with one pair of addresses are four sessions, authenticated`()
            async throws
        {
            try await withLab { lab in
                let (node, far) = (try lab.namespace("node"), try lab.namespace("bird"))
                let links = (0..<4).map { number in
                    PeerLink(local: "fe80::1", remote: "fe80::10", interface: "down\(number)")
                }
                for (number, link) in links.enumerated() {
                    try lab.link(
                        LinkEnd(node, "up\(number)", "fe80::10/64"),
                        LinkEnd(far, link.interface, "fe80::1/64"))
                }
                let bird = try BirdPeer(
                    in: lab, far, links: links, timers: PeerTimers(intervalMilliseconds: 50))
                let secret = "s3cret-of-links"
                bird.authentication = BirdAuthentication(
                    type: "meticulous-keyed-sha1", passwords: [.init(id: 1, secret)])
                try await bird.start()
                let file = lab.folder.appending(path: "links.key")
                try secret.write(to: file, atomically: true, encoding: .utf8)
                let daemon = try GatewatchDaemon(
                    in: lab, configuration: fourLinks(node, secretFile: file.path))
                try await daemon.start()
                try await eventually("all four are up") {
                    try daemon.status().sessions.allSatisfy { $0.running.localState == "up" }
                }
                try await bird.waitForAll("up")
                try far.run("ip", "link", "set", "dev", "down2", "down")
                try await eventually("the third is down") {
                    try daemon.session("up2").running.localState == "down"
                }
                for session in try daemon.status().sessions where session.name != "up2" {
                    #expect(session.running.localState == "up")
                    #expect(session.statistics.downCount == 0 && session.discards == [:])
                }
            }
        }

        private func fourLinks(_ node: Namespace, secretFile: String) -> String {
            let peers = (0..<4).map {
                "  - {name: up\($0), dest-addr: \"fe80::1\", interface: up\($0)}"
            }
            return """
                namespace: \(node.name)
                defaults:
                  desired-min-tx-interval: 50ms
                  required-min-rx-interval: 50ms
                  local-multiplier: 15
                  authentication:
                    type: meticulous-keyed-sha1
                    keys: [{id: 1, secret-file: \(secretFile)}]
                peers:
                \(peers.joined(separator: "\n"))
                """
        }

        private func gateway(
            _ network: TwoGateways, _ namespace: Namespace
        ) throws -> BirdPeer {
            try namespace.run("ip", "address", "add", "fe80::1/64", "dev", "down", "nodad")
            return try BirdPeer(
                in: network.lab, namespace, name: "link-local",
                links: [PeerLink(local: "fe80::1", remote: "fe80::10", interface: "down")],
                timers: PeerTimers(intervalMilliseconds: 50))
        }

        private func configuration(_ network: TwoGateways) -> String {
            let common = "dest-addr: \"fe80::1\", source-addr: \"fe80::10\""
            return """
                namespace: \(network.node.name)
                defaults:
                  desired-min-tx-interval: 50ms
                  required-min-rx-interval: 50ms
                  local-multiplier: 15
                peers:
                  - {name: a, \(common), interface: uplink-a}
                  - {name: b, \(common), interface: uplink-b}
                routes:
                  - {prefix: "::/0", metric: 50, next-hops: [{peer: a}, {peer: b}]}
                """
        }

        /// The interfaces that the default route leaves by.
        private func links(_ network: TwoGateways) throws -> Set<String> {
            let text = try network.node.run("ip", "-6", "route", "show", "default")
            let words = text.split { " \n\t".contains($0) }.map(String.init)
            let indices = words.indices.dropLast().filter { words[$0] == "dev" }
            return Set(indices.map { words[$0 + 1] })
        }
    }
}
