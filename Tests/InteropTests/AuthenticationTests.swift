internal import Foundation
internal import TestSupport
internal import Testing

extension Interop {
    /// RFC 5880 §6.7 with live BIRD 2, whose digests are the RFC's. FRR's SHA1 is an HMAC and can
    /// interwork with nobody, so it is not asked (D-10).
    @Suite struct AuthenticationTests {
        static let types = [
            "simple-password", "keyed-md5", "meticulous-keyed-md5", "keyed-sha1",
            "meticulous-keyed-sha1",
        ]
        private static let secret = "s3cret-of-both"

        @Test(arguments: types)
        func `5880-6.7-01, 5880-6.7.3-03: BIRD and we believe each other, and nobody else`(
            _ type: String
        ) async throws {
            try await withLab { lab in
                let network = try OneGateway(in: lab)
                network.bird.authentication = BirdAuthentication(
                    type: type, passwords: [.init(id: 7, Self.secret)])
                try await network.bird.start()
                let file = try network.secretFile("right.key", Self.secret + "\n")
                let daemon = try network.daemon(
                    authentication: "{type: \(type), keys: [{id: 7, secret-file: \(file)}]}")
                try await daemon.start()
                try await waitForAll(daemon, "up")
                try await network.bird.waitForAll("up")
                // BIRD polls, and hears an authenticated answer; ours came with Up.
                for interval in [100, 50] {
                    try await network.bird.setTimers(
                        PeerTimers(intervalMilliseconds: interval, multiplier: 5))
                    try await eventually("BIRD's \(interval) ms are agreed upon") {
                        try daemon.status().sessions.allSatisfy {
                            $0.running.negotiatedTxInterval == interval * 1_000
                        }
                    }
                }
                for session in try daemon.status().sessions {
                    #expect(session.running.remoteAuthenticated)
                    #expect(session.running.remoteAuthenticationType == type)
                    #expect(session.authentication?.type == type)
                    #expect(session.authentication?.keyIDs == [7])
                    #expect(session.statistics.downCount == 0)
                    #expect(session.discards == [:])
                }
                try await expectDistrust(network, daemon, type)
                try expectSilence(daemon, lab)
            }
        }

        /// BIRD with another password under the same id.
        private func expectDistrust(
            _ network: OneGateway, _ daemon: GatewatchDaemon, _ type: String
        ) async throws {
            network.bird.authentication?.passwords = [.init(id: 7, "s3cret-of-none")]
            try network.bird.reconfigure()
            try await waitForAll(daemon, "down")
            try await network.bird.waitForAll("down")
            try await eventually("distrust is counted") {
                try daemon.status().sessions.allSatisfy {
                    ($0.discards?["auth_mismatch"] ?? 0) > 3
                }
            }
            let changes = try daemon.events().filter { $0.type == "session" }.count
            try await Task.sleep(for: .seconds(2))
            #expect(try daemon.events().count { $0.type == "session" } == changes)
            network.bird.authentication?.passwords = [.init(id: 7, Self.secret)]
            try network.bird.reconfigure()
            try await waitForAll(daemon, "up")
        }

        /// 5880-6.7.3-14: neither logs nor status nor events show the secret.
        private func expectSilence(_ daemon: GatewatchDaemon, _ lab: Lab) throws {
            let shown = try [
                daemon.command("status"), daemon.command("status", "--json"),
                daemon.command("events", "--json"), lab.logs(lines: 10_000),
            ]
            for text in shown { #expect(!text.contains("s3cret")) }
        }

        @Test(arguments: ["simple-password", "keyed-md5", "meticulous-keyed-sha1"])
        func `D-12: keys rotate by their lifetimes, and no session goes down`(
            _ type: String
        ) async throws {
            try await withLab { lab in
                let network = try OneGateway(in: lab)
                let change = Date(timeIntervalSinceNow: 8)
                let (before, after) = (change - 3_600, change + 3_600)
                network.bird.authentication = BirdAuthentication(
                    type: type,
                    passwords: [
                        .init(id: 1, "old", generated: before..<change, accepted: before..<after),
                        .init(id: 2, "new", generated: change..<after, accepted: before..<after),
                    ])
                try await network.bird.start()
                let moment = change.formatted(
                    Date.ISO8601FormatStyle(includingFractionalSeconds: true))
                let (old, new) = (
                    try network.secretFile("old.key", "old"),
                    try network.secretFile("new.key", "new")
                )
                let daemon = try network.daemon(
                    authentication: """
                        {type: \(type), keys: [
                            {id: 1, secret-file: \(old), send-lifetime: {end: "\(moment)"}},
                            {id: 2, secret-file: \(new), send-lifetime: {start: "\(moment)"}}]}
                        """)
                let capture = try await Capture(in: lab, network.node, interfaces: ["uplink"])
                try await daemon.start()
                try await waitForAll(daemon, "up")
                #expect(Date() < change, "Up too late to rotate")
                try await Task.sleep(for: .seconds(change.timeIntervalSinceNow + 2))
                for session in try daemon.status().sessions {
                    #expect(session.running.localState == "up")
                    #expect(session.statistics.downCount == 0 && session.discards == [:])
                }
                try await capture.stop()
                for source in ["10.9.1.1", "10.9.1.10"] {
                    for key in [1, 2] {
                        let filter = "ip.src == \(source) && bfd.auth.key == \(key)"
                        #expect(try capture.packets(filter).count > 10, "\(filter)")
                    }
                }
            }
        }

        @Test func `9468-6.2-01: BIRD starts a session with us when it knows the secret, else not`()
            async throws
        {
            try await withLab { lab in
                let network = try OneGateway(in: lab)
                let type = "meticulous-keyed-sha1"
                network.bird.authentication = BirdAuthentication(
                    type: type, passwords: [.init(id: 7, "s3cret-of-none")])
                try await network.bird.start()
                let file = try network.secretFile("right.key", Self.secret)
                let keys = "authentication: {type: \(type), keys: [{id: 7, secret-file: \(file)}]}"
                let daemon = try GatewatchDaemon(
                    in: lab,
                    configuration: """
                        namespace: \(network.node.name)
                        stop-hold: 1s
                        unsolicited:
                          - {prefix: 10.9.1.0/24, \(keys)}
                          - {prefix: "fd09:1::/64", \(keys)}
                        """)
                try await daemon.start()
                try await eventually("distrust is counted") {
                    (try daemon.status().discards?["auth_mismatch"] ?? 0) > 3
                }
                #expect(try daemon.status().sessions.isEmpty)
                network.bird.authentication?.passwords = [.init(id: 7, Self.secret)]
                try network.bird.reconfigure()
                try await network.bird.waitForAll("up")
                let sessions = try daemon.status().sessions
                #expect(Set(sessions.map(\.name)) == ["10.9.1.1", "fd09:1::1"])
                for session in sessions {
                    #expect(session.running.remoteAuthenticationType == type)
                    #expect(session.authentication?.keyIDs == [7])
                }
            }
        }

        @Test func `A daemon without its secret does not start, and says why`() async throws {
            try await withLab { lab in
                let network = try OneGateway(in: lab)
                let daemon = try network.daemon(
                    authentication: "{type: keyed-sha1, keys: [{id: 1, secret-file: absent.key}]}")
                let (status, output) = try await daemon.startAndFail()
                #expect(status == 1)
                #expect(output.contains("absent.key") && output.contains("No such file"))
            }
        }

        private func waitForAll(_ daemon: GatewatchDaemon, _ state: String) async throws {
            try await eventually("every session is \(state)") {
                try daemon.status().sessions.allSatisfy { $0.running.localState == state }
            }
        }
    }
}
