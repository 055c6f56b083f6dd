internal import Foundation
internal import TestSupport
internal import Testing

extension Interop {
    /// Settings that a reload changes while sessions go on.
    @Suite struct LiveSettingTests {
        /// What must be the same afterwards.
        private struct Identity: Hashable {
            let name: String
            let local: UInt32
            let remote: UInt32?
            let port: Int?

            init(_ session: StatusReply.Session) {
                name = session.name
                local = session.localDiscriminator
                remote = session.remoteDiscriminator
                port = session.sourcePort
            }
        }

        /// A node with sessions to BIRD, over IPv4 and IPv6.
        ///
        /// Both ends wait five seconds for each other: the machine may stand still meanwhile.
        private struct Scene {
            let network: OneGateway
            let daemon: GatewatchDaemon

            init(in lab: Lab, _ settings: String) async throws {
                network = try OneGateway(
                    in: lab, timers: PeerTimers(intervalMilliseconds: 50, multiplier: 100))
                daemon = try GatewatchDaemon(
                    in: lab,
                    configuration: """
                        namespace: \(network.node.name)
                        stop-hold: 0s
                        \(settings)
                        """)
                try await network.bird.start()
                try await daemon.start()
                try await daemon.waitForAll("up")
            }

            func identities() throws -> Set<Identity> {
                Set(try daemon.status().sessions.map { Identity($0) })
            }

            /// Waits until every peer has said some more, and was answered.
            func waitForTraffic() async throws {
                func counts() throws -> [Int] {
                    try daemon.status().sessions.map(\.statistics.receivedPacketCount)
                }
                let before = try counts()
                try await eventually("packets go on, from all") {
                    let now = try counts()
                    return now.count == before.count && zip(before, now).allSatisfy { $0 + 30 < $1 }
                }
            }

            /// Changes the file, says so, and waits until that is in force.
            func reload(_ old: String, to new: String) async throws {
                let count = try daemon.status().configuration?.appliedCount ?? 0
                try daemon.rewrite(old, to: new)
                daemon.signal(SIGHUP)
                try await daemon.waitForApplied(count + 1)
            }
        }

        private static let timers = """
            defaults:
              desired-min-tx-interval: 50ms
              required-min-rx-interval: 50ms
              local-multiplier: 100
            """
        private static let peers = """
            peers:
              - {name: four, dest-addr: 10.9.1.1, source-addr: 10.9.1.10}
              - {name: six, dest-addr: "fd09:1::1", interface: uplink}
            """

        @Test func `Packets have another code point after a reload, and sessions notice nothing`()
            async throws
        {
            try await withLab { lab in
                let scene = try await Scene(
                    in: lab, "\(Self.timers)\n  dscp: 46\n\(Self.peers)")
                let before = try scene.identities()
                let capture = try await Capture(in: lab, scene.network.node, interfaces: ["uplink"])
                try await scene.reload("dscp: 46", to: "dscp: 10")
                try await scene.waitForTraffic()
                try await capture.stop()
                for own in ["10.9.1.10", "fd09:1::10"] {
                    let points = try capture.packets().filter { $0.source == own }
                        .compactMap(\.codePoint)
                    // The old one, and from one packet on the new one.
                    #expect(points.last == 10)
                    #expect(points.drop { $0 == 46 }.allSatisfy { $0 == 10 })
                }
                #expect(try scene.daemon.hasNeverBeenDown())
                #expect(try scene.identities() == before)
            }
        }

        @Test func `A hold-up that came by a reload holds the next return, and goes by one, too`()
            async throws
        {
            try await withLab { lab in
                let scene = try await Scene(
                    in: lab,
                    """
                    \(Self.timers)
                    \(Self.peers)
                    routes:
                      - prefix: 0.0.0.0/0
                        hold-up: 0s
                        next-hops: [{peer: four}, {peer: six}]
                    """)
                func installed() throws -> [String] {
                    try scene.daemon.routes().routes.flatMap(\.nextHops).filter(\.installed)
                        .map(\.peer)
                }
                try await eventually("both are in the route") {
                    try installed() == ["four", "six"]
                }
                let before = try scene.identities()
                let observer = try await RouteObserver(in: lab, scene.network.node)
                let count = observer.changes().count
                try await scene.reload("hold-up: 0s", to: "hold-up: 3600s")
                #expect(try scene.daemon.hasNeverBeenDown())
                #expect(try scene.identities() == before)
                #expect(try installed() == ["four", "six"])
                #expect(observer.changes().count == count)

                try scene.daemon.command("peer", "disable", "four")
                try await eventually("it is out") { try installed() == ["six"] }
                try scene.daemon.command("peer", "enable", "four")
                try await scene.daemon.waitForAll("up")
                try await eventually("it waits") {
                    try scene.daemon.routes().routes.flatMap(\.nextHops)
                        .contains { $0.peer == "four" && !$0.installed && $0.reason != nil }
                }
                #expect(try installed() == ["six"])
                let waiting = try scene.identities()
                try await scene.reload("hold-up: 3600s", to: "hold-up: 0s")
                try await eventually("it is back") { try installed() == ["four", "six"] }
                #expect(try scene.identities() == waiting)
                #expect(try scene.daemon.session("six").statistics.downCount == 0)
            }
        }

        @Test func `Who may come unasked is another after a reload, and nobody else notices`()
            async throws
        {
            try await withLab { lab in
                let scene = try await Scene(
                    in: lab,
                    """
                    \(Self.timers)
                    peers:
                      - {name: four, dest-addr: 10.9.1.1, source-addr: 10.9.1.10}
                    unsolicited: []
                    """)
                let before = try scene.identities()
                #expect(before.count == 1)
                let entry =
                    "unsolicited: [{prefix: \"fd09:1::/64\", desired-min-tx-interval: 50ms, "
                    + "required-min-rx-interval: 50ms, local-multiplier: "
                try await scene.reload("unsolicited: []", to: "\(entry)100}]")
                try await eventually("the other one is let in") {
                    let sessions = try scene.daemon.status().sessions
                    return sessions.count == 2
                        && sessions.allSatisfy { $0.running.localState == "up" }
                }
                let both = try scene.identities()
                #expect(both.isSuperset(of: before))

                // Other parameters for those who have come already.
                let capture = try await Capture(in: lab, scene.network.node, interfaces: ["uplink"])
                try await scene.reload("\(entry)100}]", to: "\(entry)120}]")
                try await scene.waitForTraffic()
                try await capture.stop()
                let sent = try capture.packets().filter { $0.source == "fd09:1::10" }
                #expect(sent.last?.detectMultiplier == 120)
                #expect(try scene.daemon.hasNeverBeenDown())
                #expect(try scene.identities() == both)

                // And out again: that session alone ends.
                try await scene.reload("\(entry)120}]", to: "unsolicited: []")
                try await eventually("the guest is gone") {
                    try scene.daemon.status().sessions.count == 1
                }
                #expect(try scene.daemon.hasNeverBeenDown())
                #expect(try scene.identities() == before)
            }
        }

        /// What `chrt` and `taskset` say of a thread.
        private func scheduling(
            _ daemon: GatewatchDaemon, threadNamed name: String
        ) throws -> String {
            let thread = try daemon.thread(named: name)
            return try Command.run(["chrt", "--pid", thread])
                + Command.run(["taskset", "--cpu-list", "--pid", thread])
        }

        @Test func `Threads are scheduled otherwise after a reload, and sessions go on`()
            async throws
        {
            try await withLab { lab in
                let first = "realtime: {priority: 30, cpu: none, lock-memory: true}"
                let second = "realtime: {priority: 20, cpu: 0, spin: 20us, lock-memory: true}"
                let plain = "realtime: {priority: 0, cpu: none, lock-memory: false}"
                let scene = try await Scene(in: lab, "\(Self.timers)\n\(Self.peers)\n\(first)")
                let before = try scene.identities()
                let daemon = scene.daemon
                func expect(_ words: String...) async throws {
                    try await eventually("\(words) is in force") {
                        let text = try scheduling(daemon, threadNamed: "gw-engine")
                        return words.allSatisfy { text.contains($0) }
                    }
                }
                func locked() throws -> Bool {
                    try daemon.processStatus("VmLck").contains { !$0.hasPrefix("0 ") }
                }
                try await expect("SCHED_FIFO", "priority: 30\n")
                try await eventually("memory is locked") { try locked() }
                try await scene.reload(first, to: second)
                try await expect("SCHED_FIFO", "priority: 20\n", "list: 0\n")
                try await scene.reload(second, to: plain)
                try await expect("SCHED_OTHER")
                try await eventually("memory is free") { try !locked() }
                #expect(!daemon.output.contains("running without"))

                // Up again takes a limit that can only be lifted with CAP_SYS_RESOURCE; without it
                // that is said, and all goes on as it was.
                try await scene.reload(plain, to: second)
                try await expect("list: 0\n")
                let limits = try String(
                    contentsOfFile: "/proc/\(daemon.processIdentifier)/limits", encoding: .utf8)
                if limits.contains(/Max realtime priority +99/) {
                    try await expect("SCHED_FIFO", "priority: 20\n")
                    try await eventually("memory is locked") { try locked() }
                } else {
                    try await eventually("that is said") {
                        daemon.output.contains("running without SCHED_FIFO 20")
                    }
                }
                #expect(try daemon.hasNeverBeenDown())
                #expect(try scene.identities() == before)
            }
        }
    }
}
