internal import Foundation
internal import TestSupport
internal import Testing

extension Interop {
    /// Several daemons on one node, each in a namespace of its own.
    @Suite struct NeighbourTests {
        private func daemon(
            _ lab: Lab, _ node: Namespace, _ own: String, _ peer: String
        ) throws -> GatewatchDaemon {
            try GatewatchDaemon(
                in: lab,
                configuration: """
                    namespace: \(node.name)
                    stop-hold: 0s
                    defaults:
                      desired-min-tx-interval: 100ms
                      required-min-rx-interval: 100ms
                      local-multiplier: 50
                    peers: [{name: neighbour, dest-addr: \(peer), source-addr: \(own)}]
                    routes:
                      - {prefix: 10.20.0.0/16, metric: 7, next-hops: [{peer: neighbour}]}
                    """)
        }

        @Test func `Two daemons in two namespaces of one node know nothing of each other`()
            async throws
        {
            try await withLab { lab in
                let (left, right) = (try lab.namespace("left"), try lab.namespace("right"))
                try lab.link(
                    LinkEnd(left, "cable", "10.9.0.1/24"), LinkEnd(right, "cable", "10.9.0.2/24"))
                let pair = [
                    try daemon(lab, left, "10.9.0.1", "10.9.0.2"),
                    try daemon(lab, right, "10.9.0.2", "10.9.0.1"),
                ]
                for one in pair { try await one.start() }
                for one in pair { try await one.waitForAll("up") }
                for (node, via) in [(left, "10.9.0.2"), (right, "10.9.0.1")] {
                    try await eventually("the route of \(node.name)") {
                        try node.run("ip", "route", "show", "10.20.0.0/16").contains("via \(via)")
                    }
                }
                // What one does is nothing to the other.
                #expect(try await pair[0].terminate() == 0)
                #expect(try left.run("ip", "route", "show", "10.20.0.0/16") == "")
                #expect(try pair[1].status().sessions.count == 1)
                try await pair[0].start()
                for one in pair { try await one.waitForAll("up") }

                // A third that shares a socket or a directory is told so, and harms none.
                let third = try daemon(lab, left, "10.9.0.1", "10.9.0.2")
                let wanted = third.configuration
                for (own, taken, said) in [
                    (third.socket, pair[0].socket, "another gatewatch serves the control socket"),
                    (
                        third.stateDirectory.path, pair[0].stateDirectory.path,
                        "another gatewatch keeps its state in"
                    ),
                ] {
                    third.configuration = wanted.replacing(own, with: taken)
                    let (status, output) = try await third.startAndFail()
                    #expect(status == 1)
                    #expect(output.contains(said), "\(output)")
                    #expect(output.contains("state"), "\(output)")
                }
                for one in pair { #expect(try one.status().sessions.count == 1) }
            }
        }
    }
}
