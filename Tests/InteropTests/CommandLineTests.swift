internal import Foundation
internal import TestSupport
internal import Testing

extension Interop {
    /// The ways to start and to watch the daemon that other tests do not take.
    @Suite struct CommandLineTests {
        @Test func `Without a file, options are enough`() async throws {
            try await withLab { lab in
                let network = try TwoGateways(in: lab)
                let observer = try await RouteObserver(in: lab, network.node)
                try await network.startPeers()
                let peers = TwoGateways.gateways + TwoGateways.gateways6
                let daemon = try GatewatchDaemon(
                    in: lab,
                    options: peers.flatMap { ["--peer", $0] } + [
                        "--namespace", network.node.name, "--route", "0.0.0.0/0",
                        "--route", "::/0", "--interval", "50ms", "--multiplier", "15",
                        "--metric", "\(TwoGateways.metric)",
                    ])
                try await daemon.start()
                try await network.waitForNextHops([.bird, .frr], seenBy: observer)

                // A second signal does not wait until peers have moved.
                daemon.signal(SIGINT)
                try await network.waitForNextHops([], seenBy: observer)
                let secondSignal = Date()
                #expect(try await daemon.terminate() == 0)
                #expect(Date().timeIntervalSince(secondSignal) < 3)
            }
        }

        @Test func `A log in JSON is JSON from its first line, warnings of the file included`()
            async throws
        {
            try await withLab { lab in
                let daemon = try GatewatchDaemon.idle(
                    in: lab, peers: "[{dest-addr: 10.9.0.1, local-multiplier: 1}]",
                    "log: {format: json}"
                ).daemon
                try await daemon.start()
                #expect(try await daemon.terminate() == 0)
                let lines = daemon.output.split(separator: "\n")
                let messages = try lines.map { line in
                    try JSONDecoder().decode([String: String].self, from: Data(line.utf8))
                }
                #expect(messages.first?["message"]?.contains("local-multiplier 1") == true)
                #expect(messages.contains { $0["message"] == "stopped" })
            }
        }

        @Test func `Events are told as they happen, sessions before routes`() async throws {
            try await withLab { lab in
                let network = try TwoGateways(in: lab)
                let observer = try await RouteObserver(in: lab, network.node)
                try await network.startPeers()
                let daemon = try network.daemon()
                try await daemon.start()
                try await network.waitForNextHops([.bird, .frr], seenBy: observer)
                let known = try daemon.events().count
                let follower = try daemon.followEvents()
                try await eventually("the past is told") {
                    try daemon.events(in: follower.output).count == known
                }

                _ = try await network.frr.kill9()
                try await network.waitForNextHops([.bird], seenBy: observer)
                let told = try await eventualValue("both sessions and both routes are told") {
                    let new = try daemon.events(in: follower.output).dropFirst(known)
                    return new.count >= 4 ? Array(new) : nil
                }
                let failures = told.filter { $0.oldState == "up" && $0.newState == "down" }
                #expect(Set(failures.map(\.peer)) == ["frr", "frr6"])
                for name in ["frr", "frr6"] {
                    let types = told.filter { $0.peer == name }.map(\.type)
                    #expect(types.prefix(2) == ["session", "route"], "\(told)")
                }
            }
        }
    }
}
