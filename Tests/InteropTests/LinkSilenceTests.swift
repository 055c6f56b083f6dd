internal import Foundation
internal import TestSupport
internal import Testing

extension Interop {
    /// No link and no address changes because a daemon comes and goes.
    @Suite struct LinkSilenceTests {
        /// `GATEWATCH_RUNS=50` looks longer.
        private static let runs =
            ProcessInfo.processInfo.environment["GATEWATCH_RUNS"].flatMap { Int($0) } ?? 12

        /// What the kernel says of links and addresses, in the namespace of the process.
        private func monitor(_ lab: Lab, _ namespace: Namespace) async throws -> RunningProcess {
            let process = try lab.start(
                "monitor", ["ip", "-oneline", "monitor", "link", "address"], in: namespace)
            // It hears something before it may claim to have heard nothing.
            try await eventually("the monitor of \(namespace.name) listens") {
                try namespace.run("ip", "link", "set", "dev", "lo", "mtu", "65000")
                try namespace.run("ip", "link", "set", "dev", "lo", "mtu", "65536")
                return process.output.contains("mtu 65000")
            }
            try await settle(process)
            return process
        }

        /// Waits until nothing more is said.
        private func settle(_ process: RunningProcess) async throws {
            var before = -1
            try await eventually("the monitor has said all", within: 30) {
                let count = process.output.utf8.count
                defer { before = count }
                usleep(300_000)
                return count == before
            }
        }

        private func configuration(_ network: OneGateway) -> String {
            """
            namespace: \(network.node.name)
            stop-hold: 0s
            protected-links: ["up*"]
            peers:
              - name: four
                dest-addr: 10.9.1.1
                source-addr: 10.9.1.10
                desired-min-tx-interval: 50ms
                required-min-rx-interval: 50ms
                local-multiplier: 15
            routes:
              - {prefix: 198.51.100.0/24, next-hops: [{peer: four}]}
            """
        }

        @Test func `Starts, stops, reloads and kills change no link and no address`() async throws {
            try await withLab { lab in
                let network = try OneGateway(in: lab)
                let host = try lab.namespace("host")
                try host.run("ip", "link", "add", "eth0", "type", "bridge")
                try await network.bird.start()
                let daemon = try GatewatchDaemon(in: lab, configuration: configuration(network))
                daemon.wrapper = ["nsenter", "--net=\(host.path)"]
                let monitors = [
                    try await monitor(lab, host), try await monitor(lab, network.node),
                ]
                let heard = monitors.map(\.output)
                var upCount = 0
                for run in 0..<Self.runs {
                    try await daemon.start()
                    if run.isMultiple(of: 3) {
                        try await eventually("the session is Up") {
                            try daemon.session("four").running.localState == "up"
                        }
                        upCount += 1
                    }
                    if run.isMultiple(of: 2) {
                        daemon.signal(SIGHUP)
                        _ = try daemon.status()
                    }
                    if run % 4 == 3 {
                        try await daemon.kill9()
                    } else {
                        #expect(try await daemon.terminate() == 0)
                    }
                }
                #expect(upCount > 0)
                for monitor in monitors { try await settle(monitor) }
                #expect(monitors.map(\.output) == heard)
            }
        }

        @Test func `Status tells what is protected, and that nothing was refused`() async throws {
            try await withLab { lab in
                let network = try OneGateway(in: lab)
                let daemon = try GatewatchDaemon(in: lab, configuration: configuration(network))
                try await daemon.start()
                let links = try #require(try daemon.status().linkGuard)
                #expect(links.protectedLinks == ["up*"])
                #expect(links.refusalCount == 0)
            }
        }
    }
}
