import BFDCore
import BFDDriver
import LinuxSystem
import Testing

extension RouteTests {
    @Suite("Many sessions at once")
    struct ManySessionsTests {
        private func engine(in lab: RouteLab, capacity: Int) throws -> EngineThread {
            try EngineThread(
                DriverConfiguration(
                    sessionCapacity: capacity,
                    namespacePath: NetworkNamespace.path(named: lab.nodeName),
                    realTime: RealTimeSettings(locksMemory: false), seed: 1))
        }

        private func sessions(_ count: Int) -> [DriverSession] {
            (0..<count).map { number in
                let address = IPAddress(ipv4: 0x7f01_0001 + UInt32(number))
                return DriverSession(
                    peer: PeerID(rawValue: number),
                    configuration: SessionConfiguration(path: Path(destination: address)),
                    interface: nil)
            }
        }

        @Test func `each that is added stands in the snapshot, once`() throws {
            try RouteLab.run { lab in
                let engine = try engine(in: lab, capacity: 400)
                defer { engine.stop() }
                let discriminators = try engine.addAll(sessions(300))
                #expect(Set(discriminators).count == 300)
                let shown = try engine.snapshot().sessions
                let byPeer = Dictionary(
                    shown.map { ($0.peer.rawValue, $0.session.localDiscriminator) },
                    uniquingKeysWith: { first, _ in first })
                #expect(shown.count == 300)
                #expect((0..<300).compactMap { byPeer[$0] } == discriminators)
            }
        }

        @Test func `what does not fit is refused, and what was added before stays`() throws {
            try RouteLab.run { lab in
                let engine = try engine(in: lab, capacity: 2)
                defer { engine.stop() }
                #expect(throws: DriverError.self) { try engine.addAll(sessions(3)) }
                #expect(try engine.snapshot().sessions.count == 2)
            }
        }
    }
}
