internal import Foundation
internal import LinuxSystem
internal import TestSupport
internal import Testing

extension Interop {
    /// The daemon is killed at random moments while gateways come and go.
    @Suite struct ChurnTests {
        /// `GATEWATCH_CHURN_KILLS=100` is the full number.
        private static let kills =
            ProcessInfo.processInfo.environment["GATEWATCH_CHURN_KILLS"].flatMap { Int($0) } ?? 4
        private static let survivors: Set = ["10.9.1.1", "10.9.1.2"]
        private static let flapping = "10.9.2.1"

        /// A node, two gateways that live on one cable, and one on another that comes and goes.
        private struct Network {
            let node: Namespace
            let steady: GatewatchDaemon
            let flapper: GatewatchDaemon
            let daemon: GatewatchDaemon

            init(in lab: Lab) throws {
                node = try lab.namespace("node")
                let near = try lab.namespace("steady")
                let far = try lab.namespace("flapping")
                try lab.link(
                    LinkEnd(node, "uplink-a", "10.9.1.10/24"),
                    LinkEnd(near, "down", "10.9.1.1/24", "10.9.1.2/24"))
                try lab.link(
                    LinkEnd(node, "uplink-b", "10.9.2.10/24"),
                    LinkEnd(far, "down", "10.9.2.1/24"))
                func gateway(_ namespace: Namespace, _ peers: String) throws -> GatewatchDaemon {
                    try GatewatchDaemon(
                        in: lab,
                        configuration: """
                            namespace: \(namespace.name)
                            defaults: {\(Network.timers)}
                            peers:
                            \(peers)
                            """)
                }
                steady = try gateway(
                    near,
                    """
                      - {name: one, dest-addr: 10.9.1.10, source-addr: 10.9.1.1}
                      - {name: two, dest-addr: 10.9.1.10, source-addr: 10.9.1.2}
                    """)
                flapper = try gateway(far, "  - {dest-addr: 10.9.2.10, local-multiplier: 3}")
                daemon = try gateway(
                    node,
                    """
                      - {name: a, dest-addr: 10.9.1.1}
                      - {name: b, dest-addr: 10.9.1.2}
                      - {name: c, dest-addr: 10.9.2.1}
                    routes:
                      - prefix: 0.0.0.0/0
                        metric: 50
                        next-hops: [{peer: a}, {peer: b}, {peer: c}]
                    """)
            }

            private static let timers = """
                desired-min-tx-interval: 20ms, required-min-rx-interval: 20ms, local-multiplier: 50
                """

            /// What `ip` shows of the route, however it is made.
            func nextHops() throws -> Set<String> {
                let text = try node.run("ip", "route", "show", "default")
                let words = text.split { " \t\\\n".contains($0) }.map(String.init)
                let places = words.indices.dropLast().filter { words[$0] == "via" }
                return Set(places.map { words[$0 + 1] })
            }

            func isUp(_ peers: Set<String>) throws -> Bool {
                let sessions = try daemon.status().sessions
                return sessions.allSatisfy {
                    ($0.running.localState == "up") == peers.contains($0.name)
                }
            }
        }

        /// Stops and continues a process for random whiles, some longer than a detection time.
        private func churn(_ daemon: GatewatchDaemon, in lab: Lab) throws -> RunningProcess {
            let script = """
                while :; do kill -STOP $0; sleep 0.$((RANDOM % 150 + 100)); \
                kill -CONT $0; sleep 0.$((RANDOM % 200 + 100)); done
                """
            return try lab.start(
                "churn", ["bash", "-c", script, "\(try #require(daemon.identifier))"])
        }

        @Test func `Killed at any moment under churn, no surviving next hop ever leaves`()
            async throws
        {
            try await withLab { lab in
                let network = try Network(in: lab)
                let observer = try await RouteObserver(in: lab, network.node)
                try await network.steady.start()
                try await network.flapper.start()
                try await network.daemon.start()
                let all = Self.survivors.union([Self.flapping])
                try await eventually("all next hops are in") { try network.nextHops() == all }
                let churn = try churn(network.flapper, in: lab)

                var delays: [Int64] = []
                for number in 0..<Self.kills {
                    try await Task.sleep(for: .milliseconds(Int.random(in: 0...600)))
                    try await network.daemon.kill9()
                    #expect(try network.nextHops().isSuperset(of: Self.survivors))
                    try await Task.sleep(for: .milliseconds(Int.random(in: 0...200)))
                    try await network.daemon.start()
                    if number.isMultiple(of: 2) {
                        try await Task.sleep(for: .milliseconds(Int.random(in: 0...300)))
                    }
                    // At rest for a moment: the flapping gateway lives.
                    churn.signal(SIGSTOP)
                    network.flapper.signal(SIGCONT)
                    try await eventually("all sessions are up") {
                        try network.isUp(["a", "b", "c"])
                    }
                    let right = Clock.monotonicNanoseconds()
                    try await eventually("all next hops are in, kill \(number)") {
                        try network.nextHops() == all
                    }
                    delays.append(Clock.monotonicNanoseconds() - right)
                    churn.signal(SIGCONT)
                }
                churn.signal(SIGSTOP)
                network.flapper.signal(SIGSTOP)
                try await eventually("the flapping gateway is out") {
                    try network.nextHops() == Self.survivors
                }

                #expect(delays.allSatisfy { $0 < 20_000_000_000 }, "\(delays)")
                let history = observer.memberships(of: "0.0.0.0/0", metric: 50)
                let whole = try #require(history.firstIndex { $0.nextHops == all })
                let after = history[whole...]
                #expect(after.allSatisfy { $0.nextHops.isSuperset(of: Self.survivors) })
                let flaps = after.count { $0.nextHops == Self.survivors }
                #expect(flaps > 0, "there was churn")
                let worst = Double(delays.max() ?? 0) / 1e6
                print(
                    "\(Self.kills) kills under churn: routes right at most "
                        + "\(String(format: "%.1f", worst)) ms after the sessions were seen to be; "
                        + "the flapping next hop left \(flaps) times, the others never")
            }
        }
    }
}
