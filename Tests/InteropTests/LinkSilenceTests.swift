internal import Foundation
internal import TestSupport
internal import Testing

extension Interop {
    /// The promise that no link or address of the node is ever touched (Team NICs set down by a
    /// restart are one of the two reports this project started from).
    @Suite struct LinkSilenceTests {
        /// `GATEWATCH_STARTS=50` for the whole figure.
        private static let rounds =
            ProcessInfo.processInfo.environment["GATEWATCH_STARTS"].flatMap { Int($0) } ?? 8

        /// What the kernel tells of links and addresses of a namespace, counted.
        private final class Monitor {
            private let process: RunningProcess
            private let namespace: Namespace

            init(in lab: Lab, _ namespace: Namespace) async throws {
                self.namespace = namespace
                process = try lab.start(
                    "links", ["ip", "-o", "monitor", "link", "address"], in: namespace)
                try await eventually("the monitor tells of a change") { try hears() }
            }

            /// Changes something for this alone; whether the monitor tells of it.
            private func hears() throws -> Bool {
                let before = lines
                try namespace.run("ip", "link", "set", "dev", "probe", "mtu", "1400")
                try namespace.run("ip", "link", "set", "dev", "probe", "mtu", "1500")
                usleep(100_000)
                return lines > before
            }

            var lines: Int { process.output.split(separator: "\n").count }

            /// Whether it still listens: a monitor that died would be silent, too.
            func proveItsHearing() async throws {
                let before = lines
                try await eventually("the monitor still hears") {
                    try hears() && lines > before
                }
            }

            var output: String { process.output }
        }

        @Test func `No start, stop, reload or kill touches a link or an address of the node`()
            async throws
        {
            try await withLab { lab in
                let host = try lab.namespace("host")
                let moving = try MovingNode(in: lab)
                try moving.wire()
                try await moving.bird.start()
                // What a node has: a bridge, cables into pods, one of them down, addresses.
                try lab.link(
                    LinkEnd(host, "near", "192.0.2.1/24"), LinkEnd(moving.node, "host"))
                try lab.link(LinkEnd(host, "port0"), LinkEnd(moving.node, "port1"))
                try lab.bridge("br0", in: host, ports: ["port0"])
                try host.run("ip", "link", "add", "probe", "type", "bridge")
                try host.run("ip", "link", "add", "team0", "type", "bridge")
                let monitor = try await Monitor(in: lab, host)
                let daemon = moving.daemon
                // The daemon lives on the host, and goes into its namespace by itself.
                daemon.wrapper = ["nsenter", "--net=\(host.path)"]
                let before = try host.run("ip", "-o", "address") + host.run("ip", "-o", "link")
                let linesBefore = monitor.lines
                for round in 0..<Self.rounds {
                    try await daemon.start()
                    if round.isMultiple(of: 4) { try await moving.waitUntilUp() }
                    daemon.signal(SIGHUP)
                    try daemon.command("peer", "disable", "off")
                    try daemon.command("peer", "enable", "off")
                    if round.isMultiple(of: 2) {
                        try await daemon.kill9()
                    } else {
                        daemon.signal(SIGTERM)
                        #expect(try await daemon.terminate() == 0)
                    }
                }
                try await Task.sleep(for: .milliseconds(200))
                let heard = monitor.output.split(separator: "\n").dropFirst(linesBefore)
                #expect(heard.isEmpty, "\(heard)")
                let after = try host.run("ip", "-o", "address") + host.run("ip", "-o", "link")
                #expect(after == before)
                try await monitor.proveItsHearing()
                print("\(Self.rounds) starts, as many ends: \(heard.count) changes of links")
            }
        }
    }
}
