internal import Foundation
internal import TestSupport
internal import Testing

extension Interop {
    /// The metrics port, and what is made for those who read it.
    @Suite struct MetricsTests {
        private static let deploy = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../deploy").standardizedFileURL

        @Test func `Metrics pass promtool, and tell sessions and routes as they are`() async throws
        {
            try await withLab { lab in
                let network = try TwoGateways(in: lab)
                let observer = try await RouteObserver(in: lab, network.node)
                try await network.startPeers()
                let port = UInt16.random(in: 20_000..<30_000)
                let daemon = try network.daemon()
                daemon.configuration +=
                    "\nmetrics: {listen: \"127.0.0.1:\(port)\", kube-ovn-names: true}\n"
                try await daemon.start()
                try await network.waitForNextHops([.bird, .frr], seenBy: observer)
                let text = try await eventualValue("the metrics show both") {
                    let text = try get("/metrics", port).body
                    let line = "gatewatch_session_up{peer=\"bird\"} 1\n"
                    return text.contains(line) && text.contains("{peer=\"frr6\"} 1\n") ? text : nil
                }
                #expect(text.contains("kube_ovn_bfdd_up_sessions 4\n"))
                #expect(text.contains("state=\"installed\"} 1\n"))
                #expect(text.contains("gatewatch_route_change_duration_seconds_count "))
                let file = lab.folder.appending(path: "metrics.txt").path
                try text.write(toFile: file, atomically: true, encoding: .utf8)
                try Command.run(["sh", "-c", "promtool check metrics < \(file)"])

                #expect(try get("/healthz", port).status == 200)
                #expect(try get("/readyz", port).status == 200)
                #expect(try get("/v1/sessions", port).status == 404)
                _ = try await network.frr.kill9()
                try await network.waitForNextHops([.bird], seenBy: observer)
                // A peer that is gone makes nobody unhealthy.
                #expect(try get("/healthz", port).status == 200)
                #expect(try get("/readyz", port).status == 200)
                try await eventually("the metrics show the loss") {
                    try get("/metrics", port).body.contains(
                        "gatewatch_session_downs_total{peer=\"frr\"} 1\n")
                }
            }
        }

        @Test func `A daemon that waits for its namespace is healthy and not ready`() async throws {
            try await withLab { lab in
                let port = UInt16.random(in: 20_000..<30_000)
                let daemon = try GatewatchDaemon(
                    in: lab,
                    configuration: """
                        namespace: gwt-\(lab.identifier)-absent
                        peers: [{dest-addr: 10.9.0.1}]
                        metrics: {listen: "127.0.0.1:\(port)"}
                        """)
                try daemon.begin()
                try await eventually("it answers") { try get("/healthz", port).status == 200 }
                #expect(try get("/readyz", port).status == 503)
                #expect(try get("/readyz", port).body.contains("waits for its namespace"))

                let second = try GatewatchDaemon(in: lab, configuration: "")
                second.configuration = daemon.configuration
                let (status, output) = try await second.startAndFail()
                #expect(status == 1)
                #expect(output.contains("another gatewatch serves the control socket"))
                let third = try GatewatchDaemon(
                    in: lab,
                    configuration: """
                        peers: [{dest-addr: 10.9.0.1}]
                        metrics: {listen: "127.0.0.1:\(port)"}
                        """)
                let refusal = try await third.startAndFail()
                #expect(refusal.status == 1)
                #expect(refusal.output.contains("metrics port \(port) of 127.0.0.1"))
                #expect(refusal.output.contains("Address already in use"))
            }
        }

        @Test func `Reloads, refusals and a drained node are counted and shown`() async throws {
            try await withLab { lab in
                let (daemon, port) = try GatewatchDaemon.idle(in: lab)
                try await daemon.start()
                func shows(_ lines: String...) throws -> Bool {
                    let text = try get("/metrics", port).body
                    return lines.allSatisfy { text.contains("gatewatch_\($0)\n") }
                }
                let reloads = "configuration_reloads_total{result="
                let successful = "configuration_last_reload_successful"
                try await eventually("nothing yet") {
                    try shows(
                        "\(reloads)\"applied\"} 0", "\(reloads)\"refused\"} 0",
                        "\(successful) 1", "drained 0")
                }
                try daemon.rewrite("10.9.0.1", to: "10.9.0.2")
                try await eventually("one was applied") {
                    try shows("\(reloads)\"applied\"} 1", "\(successful) 1")
                }
                try daemon.rewrite("10.9.0.2", to: "nowhere")
                try await eventually("one was refused") {
                    try shows("\(reloads)\"refused\"} 1", "\(successful) 0")
                }
                _ = try daemon.command("drain")
                try await eventually("it is drained") { try shows("drained 1") }
            }
        }

        @Test(arguments: ["gw-engine", "gw-routes"])
        func `/healthz is 503 while a thread hangs, and 200 once it goes on`(
            _ name: String
        ) async throws {
            try await withLab { lab in
                let (daemon, port) = try GatewatchDaemon.idle(in: lab)
                try await daemon.start()
                try await eventually("it is well") { try get("/healthz", port).status == 200 }
                let holder = try await daemon.hold(threadNamed: name, in: lab)
                try await eventually("it is not", within: 30) {
                    let answer = try get("/healthz", port)
                    return answer.status == 503 && answer.body.contains("hangs")
                }
                try await holder.kill9()
                try await eventually("it is well again", within: 30) {
                    try get("/healthz", port).status == 200
                }
            }
        }

        @Test func `Alert rules are right, and fire when they should`() throws {
            let rules = Self.deploy.appending(path: "prometheus/gatewatch.rules")
            try Command.run(["promtool", "check", "rules", "\(rules.path).yaml"])
            try Command.run(["promtool", "test", "rules", "\(rules.path).test.yaml"])
        }

        /// What is at a path of the metrics port; status 0 when nobody answers.
        private func get(_ path: String, _ port: UInt16) throws -> (status: Int, body: String) {
            let result = try Command.result([
                "curl", "--silent", "--max-time", "5", "--write-out", "\n%{http_code}",
                "http://127.0.0.1:\(port)\(path)",
            ])
            let lines = result.output.split(separator: "\n", omittingEmptySubsequences: false)
            let body = lines.dropLast().map { $0 + "\n" }.joined()
            return (Int(lines.last ?? "") ?? 0, body)
        }
    }
}
