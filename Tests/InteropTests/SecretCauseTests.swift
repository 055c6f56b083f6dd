internal import Foundation
internal import TestSupport
internal import Testing

extension Interop {
    /// Why is it not Up? Authentication that differs, with BIRD at the other end.
    @Suite struct SecretCauseTests {
        private func examine(
            bird: BirdAuthentication?, ours: String?, _ code: String, _ words: [String]
        ) async throws {
            try await withLab { lab in
                let network = try OneGateway(in: lab)
                network.bird.authentication = bird
                try await network.bird.start()
                let file = try network.secretFile("right.key", "s3cret")
                let keys = ours.map {
                    ", authentication: {\($0.replacing("FILE", with: file))}"
                }
                let daemon = try GatewatchDaemon(
                    in: lab,
                    configuration: """
                        namespace: \(network.node.name)
                        peers: [{name: tor, dest-addr: 10.9.1.1\(keys ?? "")}]
                        """)
                try await daemon.start()
                var last: [Cause] = []
                try await eventually("\(code) is told, not \(last)", within: 20) {
                    last = try daemon.doctor().checks.first?.findings ?? []
                    return last.first?.code == code
                }
                let text = try daemon.command("status", "tor")
                let why = Examination.why(text)
                print("cause \(code):\n\(why)\n")
                let flat = why.split(whereSeparator: \.isWhitespace).joined(separator: " ")
                for word in words { #expect(flat.contains(word), "\(text)") }
                #expect(!text.contains("s3cret"))
            }
        }

        private static let ours = "type: keyed-sha1, keys: [{id: 7, secret-file: FILE}]"

        @Test func `The peer does not authenticate`() async throws {
            try await examine(
                bird: nil, ours: Self.ours, "session-auth-type",
                ["auth_missing", "theirs is none, ours is keyed-sha1"])
        }

        @Test func `The peer authenticates and we do not`() async throws {
            try await examine(
                bird: BirdAuthentication(type: "keyed-sha1", passwords: [.init(id: 7, "s3cret")]),
                ours: nil, "session-auth-type",
                ["auth_unexpected", "theirs is keyed-sha1, ours is none"])
        }

        @Test func `The peer uses another type, and its password is not shown`() async throws {
            try await examine(
                bird: BirdAuthentication(
                    type: "simple-password", passwords: [.init(id: 7, "s3cret")]),
                ours: Self.ours, "session-auth-type",
                ["auth_type_mismatch", "theirs is simple-password, ours is keyed-sha1"])
        }

        @Test func `The peer uses another key`() async throws {
            try await examine(
                bird: BirdAuthentication(type: "keyed-sha1", passwords: [.init(id: 9, "s3cret")]),
                ours: Self.ours, "session-auth-key", ["their key has the id 9", "Add key id 9"])
        }

        @Test func `None of our keys may be sent now`() async throws {
            let key =
                "{id: 7, secret-file: FILE, send-lifetime: {end: \"2020-01-01T00:00:00Z\"}}"
            try await examine(
                bird: BirdAuthentication(type: "keyed-sha1", passwords: [.init(id: 7, "s3cret")]),
                ours: "type: keyed-sha1, keys: [\(key)]", "session-auth-expired",
                ["send-lifetime of none of its keys is now"])
        }

        @Test func `The secrets differ`() async throws {
            try await examine(
                bird: BirdAuthentication(type: "keyed-sha1", passwords: [.init(id: 7, "other")]),
                ours: Self.ours, "session-auth-secret",
                ["type and key id 7 are right", "Compare the secrets"])
        }

        @Test func `The peer's numbers do not follow`() async throws {
            try await withLab { lab in
                let network = try OneGateway(in: lab)
                let file = try network.secretFile("right.key", "s3cret")
                let keys = "{type: meticulous-keyed-sha1, keys: [{id: 7, secret-file: \(file)}]}"
                let ends = try [
                    (network.node, "10.9.1.1"), (network.bird.namespace, "10.9.1.10"),
                ].map { namespace, peer in
                    try GatewatchDaemon(
                        in: lab,
                        configuration: """
                            namespace: \(namespace.name)
                            stop-hold: 100ms
                            defaults:
                              desired-min-tx-interval: 1s
                              required-min-rx-interval: 1s
                              local-multiplier: 5
                              authentication: \(keys)
                            peers: [{name: tor, dest-addr: \(peer)}]
                            """)
                }
                for end in ends { try await end.start() }
                for end in ends { try await end.waitForAll("up") }
                try await ends[1].kill9()
                try FileManager.default.removeItem(
                    at: ends[1].stateDirectory.appending(path: "sequences.json"))
                try await ends[1].start()
                try await eventually("its numbers do not follow") {
                    let cause = try ends[0].doctor().checks.first?.findings.first
                    guard cause?.code == "session-auth-sequence" else { return false }
                    print("cause session-auth-sequence:\n\(cause.map { "\($0)" } ?? "")\n")
                    return cause?.evidence?.contains("the last number was") == true
                }
            }
        }
    }
}
