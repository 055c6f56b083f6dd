internal import Foundation
internal import TestSupport
internal import Testing

extension Interop {
    /// What the daemon must not do, and what it says instead.
    @Suite struct RefusalTests {
        @Test func `A foreign route with the same key is never replaced`() async throws {
            try await withLab { lab in
                let network = try TwoGateways(in: lab)
                for family in [("-4", "10.9.1.1"), ("-6", "fd09:1::1")] {
                    try network.node.run(
                        "ip", family.0, "route", "add", "default", "via", family.1, "metric",
                        "\(TwoGateways.metric)", "protocol", "static")
                }
                let observer = try await RouteObserver(in: lab, network.node)
                try await network.startPeers()
                let daemon = try network.daemon()
                try await daemon.start()
                try await network.bird.waitForAll("up")
                try await network.frr.waitForAll("up")
                try await eventually("the conflict is shown") {
                    try daemon.routes().routes.map(\.state) == ["conflict", "conflict"]
                }
                let codes = try daemon.doctor().checks.flatMap(\.findings).map(\.code)
                #expect(codes.count { $0 == "route-conflict" } == 2, "\(codes)")
                try await Task.sleep(for: .milliseconds(300))
                let touched = observer.changes().filter { $0.words.first == "default" }
                #expect(touched.isEmpty, "\(touched)")
                #expect(try network.shownNextHops("-4") == ["10.9.1.1"])
                #expect(try network.shownNextHops("-6") == ["fd09:1::1"])

                // Once the foreign route is gone, the way is free.
                for family in ["-4", "-6"] {
                    try network.node.run("ip", family, "route", "delete", "default")
                }
                try await network.waitForNextHops([.bird, .frr], seenBy: observer)
            }
        }

        @Test func `Four ways of not being a network namespace have four messages`() async throws {
            try await withLab { lab in
                let plainFile = lab.folder.appending(path: "plain").path
                try "".write(toFile: plainFile, atomically: true, encoding: .utf8)
                let paths = [
                    "gwt-\(lab.identifier)-absent", plainFile, lab.folder.path,
                    "/proc/self/ns/mnt",
                ]
                var messages: Set<String> = []
                for path in paths {
                    let daemon = try GatewatchDaemon(
                        in: lab,
                        configuration: """
                            namespace: \(path)
                            namespace-timeout: 0s
                            peers:
                              - {name: tor, dest-addr: 10.9.1.1}
                            """)
                    let (status, output) = try await daemon.startAndFail()
                    #expect(status == 1, "\(output)")
                    #expect(output.contains(path), "\(output)")
                    #expect(output.split(separator: "\n").count > 1, "no next step: \(output)")
                    messages.insert(output.replacing(path, with: "PATH"))
                }
                #expect(messages.count == paths.count)
            }
        }
    }
}
