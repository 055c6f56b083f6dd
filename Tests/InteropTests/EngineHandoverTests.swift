internal import BFDCore
internal import BFDDriver
internal import Foundation
internal import Gatewatch
internal import LinuxSystem
internal import TestSupport
internal import Testing

/// An agent that passes its sessions to a successor again and again, and a peer that looks on.
private final class Dynasty {
    private(set) var current: Gatewatch
    let peer: Gatewatch
    private let node: Namespace
    private let folder: URL
    /// Both ends' addresses, from 10.9.0.1 and 10.9.1.1 on.
    private let count: Int

    init(in lab: Lab, sessions count: Int) throws {
        self.count = count
        folder = lab.folder
        node = try lab.namespace("here")
        let far = try lab.namespace("there")
        try lab.link(
            LinkEnd(node, "cable", "10.9.0.1/16"), LinkEnd(far, "cable", "10.9.1.1/16"))
        let more = (2...max(count, 2)).map { "ip address add 10.9.1.\($0)/16 dev cable" }
        try far.run("sh", "-ec", more.joined(separator: "\n"))
        current = try Gatewatch(Self.configuration(node))
        peer = try Gatewatch(Self.configuration(far))
        _ = try current.add((1...count).map(Self.session))
        for number in 1...count {
            var back = Self.session(0, from: UInt32(0x0a09_0100 + number), to: 0x0a09_0001)
            back.name = "back-\(number)"
            try peer.add(back)
        }
    }

    deinit {
        current.stop()
        peer.stop()
    }

    private static func configuration(_ node: Namespace) -> GatewatchConfiguration {
        GatewatchConfiguration(
            namespacePath: node.path, sessionCapacity: 256,
            realTime: RealTimeSettings(locksMemory: false),
            seed: UInt64.random(in: .min ... .max))
    }

    static func session(_ number: Int) -> PeerConfiguration {
        session(number, from: nil, to: UInt32(0x0a09_0100 + number))
    }

    private static func session(
        _ number: Int, from source: UInt32?, to destination: UInt32
    ) -> PeerConfiguration {
        let path = Path(
            destination: IPAddress(ipv4: destination), source: source.map { IPAddress(ipv4: $0) })
        return PeerConfiguration(
            name: "peer-\(number)",
            session: SessionConfiguration(
                path: path, desiredMinTxInterval: Microseconds(200_000),
                requiredMinRxInterval: Microseconds(200_000)))
    }

    func sessions(_ agent: Gatewatch) throws -> [Session] {
        try agent.sessions().peers.map(\.snapshot.session)
    }

    /// What a process would do that gets octets and descriptors over a Unix socket.
    func succeed(keeping kept: ClosedRange<Int>) throws {
        let given = try current.freeze()
        let door = try UnixListener.listening(
            at: folder.appending(path: "handover").path, mode: 0o600)
        let receiving = try UnixStream.connected(to: door.path)
        guard let sending = try door.accept() else { throw LabError("nobody connected") }
        door.unlink()
        let file = try MemoryFile.made(named: "handover", given.octets())
        try sending.pass([file.descriptor] + given.descriptors, milliseconds: 1_000)
        let taken = try receiving.takeDescriptors(
            1 + given.descriptors.count, milliseconds: 1_000)
        let octets = try MemoryFile(owning: OwnedDescriptor(owning: taken[0])).read()
        var configuration = Self.configuration(node)
        configuration.handover = try EngineHandover(
            octets: octets, descriptors: Array(taken.dropFirst()))
        let next = try Gatewatch(configuration)
        _ = try next.add(kept.map(Self.session))
        try next.finishTakeOver()
        current.stop()
        current = next
    }
}

extension Interop {
    /// Sessions and their sockets go from one engine thread to another.
    @Suite struct EngineHandoverTests {
        @Test func `Thirty handovers in a row, and no peer notices one`() async throws {
            try await withLab { lab in
                let dynasty = try Dynasty(in: lab, sessions: 100)
                try await eventually("all are Up at 200 ms") {
                    try dynasty.sessions(dynasty.current).allSatisfy { session in
                        session.state == .up && session.detectionTime == .milliseconds(600)
                    }
                }
                let before = try dynasty.sessions(dynasty.current)
                for _ in 0..<30 {
                    try dynasty.succeed(keeping: 1...100)
                    try await Task.sleep(for: .milliseconds(Int.random(in: 20...200)))
                }
                let after = try dynasty.sessions(dynasty.current)
                #expect(after.map(\.localDiscriminator) == before.map(\.localDiscriminator))
                #expect(after.allSatisfy { $0.state == .up && $0.counters.downs == 0 })
                #expect(after.allSatisfy { $0.counters.receivedInvalid == 0 })
                #expect(after[0].counters.received > before[0].counters.received + 5)
                let seen = try dynasty.sessions(dynasty.peer)
                #expect(seen.allSatisfy { $0.state == .up && $0.counters.downs == 0 })
                #expect(seen.allSatisfy { $0.counters.discriminatorChanges == 0 })
            }
        }

        @Test func `One who stood still goes on when nobody took over`() async throws {
            try await withLab { lab in
                let dynasty = try Dynasty(in: lab, sessions: 2)
                try await eventually("both are Up at 200 ms") {
                    try dynasty.sessions(dynasty.current).allSatisfy {
                        $0.detectionTime == .milliseconds(600) && $0.state == .up
                    }
                }
                for _ in 0..<3 {
                    _ = try dynasty.current.freeze()
                    try await Task.sleep(for: .milliseconds(240))
                    dynasty.current.thaw()
                    try await Task.sleep(for: .milliseconds(200))
                }
                for agent in [dynasty.current, dynasty.peer] {
                    #expect(
                        try dynasty.sessions(agent).allSatisfy {
                            $0.state == .up && $0.counters.downs == 0
                        })
                }
            }
        }

        @Test func `Octets that are cut off or have other descriptors are refused`() async throws {
            try await withLab { lab in
                let dynasty = try Dynasty(in: lab, sessions: 2)
                let given = try dynasty.current.freeze()
                defer { dynasty.current.thaw() }
                let octets = given.octets()
                let greeting = EngineHandover.greeting.count
                for length in 0..<octets.count {
                    let refusal: HandoverError = length < greeting ? .otherVersion : .incomplete
                    #expect(throws: refusal) {
                        try EngineHandover(
                            octets: Array(octets[..<length]), descriptors: given.descriptors)
                    }
                }
                for descriptors in [given.descriptors + [0], given.descriptors.dropLast(), []] {
                    #expect(throws: HandoverError.incomplete) {
                        try EngineHandover(octets: octets, descriptors: descriptors)
                    }
                }
                #expect(throws: HandoverError.incomplete) {
                    try EngineHandover(octets: octets + [0], descriptors: given.descriptors)
                }
                let again = try EngineHandover(octets: octets, descriptors: given.descriptors)
                #expect(again.octets() == octets)
            }
        }

        @Test func `A session that the successor does not want ends, and says so`() async throws {
            try await withLab { lab in
                let dynasty = try Dynasty(in: lab, sessions: 3)
                try await eventually("all are Up") {
                    try dynasty.sessions(dynasty.peer).allSatisfy { $0.state == .up }
                }
                try dynasty.succeed(keeping: 1...2)
                try await eventually("the peer is told AdminDown") {
                    let states = try dynasty.sessions(dynasty.peer).map(\.remoteState)
                    return states == [.up, .up, .adminDown]
                }
                #expect(try dynasty.sessions(dynasty.current).count == 2)
            }
        }
    }
}
