internal import BFDAuthentication
internal import BFDCore
internal import BFDDriver
internal import Gatewatch
internal import TestSupport
internal import Testing

extension Interop {
    /// Timers that change while sessions are Up, with BIRD at the other end.
    @Suite struct TimerTests {
        @Test(arguments: [nil, AuthenticationType.keyedMD5, .meticulousKeyedSHA1])
        func `5880-6.8.3-01: 50 ms to 1 s and back from either end, losing 1 %, never down`(
            _ type: AuthenticationType?
        ) async throws {
            try await withLab { lab in
                let network = try OneGateway(in: lab)
                network.bird.authentication = type.map { type in
                    let name = Self.names[type] ?? ""
                    return BirdAuthentication(type: name, passwords: [.init(id: 1, "shared")])
                }
                try await network.bird.start()
                try network.loseOnePercent()
                let library = try Gatewatch(
                    GatewatchConfiguration(namespacePath: network.node.path, seed: 1))
                defer { library.stop() }
                let keyChain = try type.map { type in
                    try KeyChain(
                        type: type, keys: [Key(id: 1, secret: Secret(Array("shared".utf8)))])
                }
                for (name, address) in Self.peers {
                    try library.add(
                        PeerConfiguration(
                            name: name, session: Self.session(address, 50_000),
                            keyChain: keyChain))
                }
                try await settle(library, ours: 50_000, theirs: 50_000)
                for _ in 0..<4 {
                    try await changeBoth(library, network)
                }
                for peer in try library.sessions().peers {
                    let session = peer.snapshot.session
                    #expect(session.state == .up && session.counters.downs == 0)
                    #expect(session.counters.receivedInvalid == 0)
                }
            }
        }

        private static let peers = [
            ("four", IPAddress(ipv4: 0x0a09_0101)),
            ("six", IPAddress(ipv6High: 0xfd09_0001_0000_0000, low: 1)),
        ]
        private static let names: [AuthenticationType: String] = [
            .keyedMD5: "keyed-md5", .meticulousKeyedSHA1: "meticulous-keyed-sha1",
        ]

        private static func session(
            _ address: IPAddress, _ interval: UInt32
        ) -> SessionConfiguration {
            SessionConfiguration(
                path: Path(destination: address), desiredMinTxInterval: Microseconds(interval),
                requiredMinRxInterval: Microseconds(interval), detectMultiplier: 5)
        }

        /// A second and back, first by us, then by BIRD.
        private func changeBoth(_ library: Gatewatch, _ network: OneGateway) async throws {
            for interval: UInt32 in [1_000_000, 50_000] {
                for (name, address) in Self.peers {
                    try library.update(name, to: Self.session(address, interval))
                }
                try await settle(library, ours: interval, theirs: 50_000)
            }
            for interval: UInt32 in [1_000_000, 50_000] {
                try await network.bird.setTimers(
                    PeerTimers(intervalMilliseconds: Int(interval / 1_000), multiplier: 5))
                try await settle(library, ours: 50_000, theirs: interval)
            }
        }

        /// Waits until both ends know of the other's interval and every Poll has been answered.
        private func settle(_ library: Gatewatch, ours: UInt32, theirs: UInt32) async throws {
            try await eventually("\(ours) µs here, \(theirs) µs there") {
                try library.sessions().peers.allSatisfy { peer in
                    let session = peer.snapshot.session
                    return session.state == .up && session.pollSequence == .idle
                        && session.desiredMinTxInterval.count == ours
                        && session.remoteDesiredMinTxInterval.count == theirs
                        && session.transmitInterval.count == max(ours, theirs)
                        && session.receiveInterval?.count == max(ours, theirs)
                }
            }
        }
    }
}
