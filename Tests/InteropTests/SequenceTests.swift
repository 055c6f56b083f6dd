internal import Foundation
internal import TestSupport
internal import Testing

extension Interop {
    /// Authentication over a restart: a peer remembers the last number for two detection times, ten
    /// seconds here, and the next run is believed at once all the same.
    @Suite struct SequenceTests {
        private static let timers = """
            desired-min-tx-interval: 1s
              required-min-rx-interval: 1s
              local-multiplier: 5
            """
        private static let types = ["meticulous-keyed-sha1", "keyed-md5"]

        /// Waits for a session that has come up since `moment`.
        private func waitForNewSession(
            _ daemon: GatewatchDaemon, _ moment: ContinuousClock.Instant, within seconds: Double
        ) async throws {
            try await eventually("the session is up again", within: seconds) {
                try daemon.status().sessions.allSatisfy { $0.running.localState == "up" }
            }
            #expect(ContinuousClock.now - moment < .seconds(seconds))
        }

        @Test(arguments: types)
        func `5880-6.7.3-11: after a crash the other daemon believes the next run at once`(
            _ type: String
        ) async throws {
            try await withLab { lab in
                let (daemon, watcher) = try await startPair(in: lab, type)
                for _ in 0..<3 {
                    try await Task.sleep(for: .seconds(2))
                    try await daemon.kill9()
                    // Else the session goes on, and nothing has to be believed anew.
                    try daemon.forgetSessions()
                    let death = ContinuousClock.now
                    try await daemon.start()
                    try await waitForNewSession(daemon, death, within: 20)
                    try await watcher.waitForAll("up")
                }
                let session = try watcher.session("peer")
                #expect(session.discards?["auth_seq_window"] == nil, "\(session)")
                // It heard Down from the next run before it missed the last one.
                #expect(session.running.localDiagnostic == "neighbor-down")
                #expect(session.statistics.downCount == 3)
            }
        }

        @Test(arguments: types)
        func `5880-6.7.3-11: a session that goes on after a crash is believed, and stays Up`(
            _ type: String
        ) async throws {
            try await withLab { lab in
                let (daemon, watcher) = try await startPair(in: lab, type)
                let before = try watcher.session("peer").statistics.receivedPacketCount
                try await Task.sleep(for: .seconds(1))
                try await daemon.kill9()
                try await daemon.start()
                #expect(daemon.output.contains("going on with 1 sessions"))
                try await eventually("the other one hears it") {
                    try watcher.session("peer").statistics.receivedPacketCount > before + 3
                }
                let session = try watcher.session("peer")
                #expect(session.discards?["auth_seq_window"] == nil, "\(session)")
                #expect(session.statistics.downCount == 0)
                #expect(try daemon.session("peer").statistics.downCount == 0)
            }
        }

        /// Two daemons that face each other, both Up.
        private func startPair(
            in lab: Lab, _ type: String
        ) async throws -> (daemon: GatewatchDaemon, watcher: GatewatchDaemon) {
            let network = try OneGateway(in: lab)
            let file = try network.secretFile("right.key", "s3cret")
            let keys = "{type: \(type), keys: [{id: 7, secret-file: \(file)}]}"
            let ends = try [
                (network.node, "10.9.1.10", "10.9.1.1"),
                (network.bird.namespace, "10.9.1.1", "10.9.1.10"),
            ].map { namespace, own, peer in
                try GatewatchDaemon(
                    in: lab,
                    configuration: """
                        namespace: \(namespace.name)
                        stop-hold: 1s
                        defaults:
                          \(Self.timers)
                          authentication: \(keys)
                        peers:
                          - {name: peer, dest-addr: \(peer), source-addr: \(own)}
                        """)
            }
            for end in ends { try await end.start() }
            for end in ends { try await end.waitForAll("up") }
            return (ends[0], ends[1])
        }

        @Test func `D-07: without the kept number the next run is not believed for a while`()
            async throws
        {
            try await withLab { lab in
                let (daemon, watcher) = try await startPair(in: lab, "meticulous-keyed-sha1")
                try await daemon.kill9()
                try FileManager.default.removeItem(
                    at: daemon.stateDirectory.appending(path: "sequences.json"))
                try await daemon.start()
                try await eventually("the next run is not believed") {
                    (try watcher.session("peer").discards?["auth_seq_window"] ?? 0) > 2
                }
                try await watcher.waitForAll("down")
                try await watcher.waitForAll("up")
            }
        }

        @Test func `5880-6.7.3-11: after a crash BIRD believes the next run at once`()
            async throws
        {
            try await withLab { lab in
                let network = try OneGateway(
                    in: lab, timers: PeerTimers(intervalMilliseconds: 1_000, multiplier: 5))
                network.bird.authentication = BirdAuthentication(
                    type: "meticulous-keyed-sha1", passwords: [.init(id: 7, "s3cret")])
                try await network.bird.start()
                let file = try network.secretFile("right.key", "s3cret")
                let daemon = try network.daemon(
                    authentication:
                        "{type: meticulous-keyed-sha1, keys: [{id: 7, secret-file: \(file)}]}")
                daemon.configuration = daemon.configuration.replacing("50ms", with: "1s")
                try await daemon.start()
                try await daemon.waitForAll("up")
                try await Task.sleep(for: .seconds(3))
                try await daemon.kill9()
                let death = ContinuousClock.now
                try await daemon.start()
                // BIRD forgets a number after one detection time, fifteen seconds.
                try await waitForNewSession(daemon, death, within: 14)
                try await network.bird.waitForAll("up")
            }
        }

        @Test func `A broken file means a clean start, said aloud`() async throws {
            try await withLab { lab in
                let network = try OneGateway(in: lab)
                network.bird.authentication = BirdAuthentication(
                    type: "keyed-sha1", passwords: [.init(id: 7, "s3cret")])
                try await network.bird.start()
                let file = try network.secretFile("right.key", "s3cret")
                let daemon = try network.daemon(
                    authentication: "{type: keyed-sha1, keys: [{id: 7, secret-file: \(file)}]}")
                try await daemon.start()
                try await daemon.waitForAll("up")
                try await daemon.kill9()
                let kept = daemon.stateDirectory.appending(path: "sequences.json")
                #expect(try String(contentsOf: kept, encoding: .utf8).contains("10.9.1.1"))
                try Data("{\"version\": 9}".utf8).write(to: kept)
                try await daemon.start()
                try await daemon.waitForAll("up")
                #expect(lab.logs(lines: 1_000).contains("sequences.json"))
            }
        }
    }
}
