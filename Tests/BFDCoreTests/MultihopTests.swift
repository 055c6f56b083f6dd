import BFDCore
import Testing

@Suite("RFC 5883: several hops")
struct MultihopTests {
    private static let ours = [IPAddress.alpha, IPAddress(ipv4: 0x0a09_000b)]
    private static let theirs = [IPAddress.beta, IPAddress(ipv4: 0x0a09_0002)]

    private func configuration(
        _ edit: (inout SessionConfiguration) -> Void = { _ in }
    ) -> SessionConfiguration {
        var configuration = SessionConfiguration(
            path: Path(destination: .beta, source: .alpha, transport: .multihop))
        edit(&configuration)
        return configuration
    }

    /// A session over several hops and its peer, which is ten routers away.
    private func bench(
        _ edit: (inout SessionConfiguration) -> Void = { _ in }
    ) throws -> Bench {
        let bench = try Bench(configuration(edit))
        bench.arrival.transport = .multihop
        bench.arrival.hopLimit = 245
        return bench
    }

    @Test func `5883-3-01: no Echo is offered over several hops`() throws {
        let bench = try bench()
        try bench.bringUp()
        bench.run(for: .seconds(2))
        #expect(bench.sent.count > 3)
        #expect(bench.sent.allSatisfy { $0.packet.requiredMinEchoRxInterval.count == 0 })
    }

    @Test func `5883-4-01: two addresses at each end make four sessions`() throws {
        let node = Node()
        let now = Instant(nanoseconds: 1_000_000_000)
        let pairs = Self.ours.flatMap { own in Self.theirs.map { (own, $0) } }
        let handles = try pairs.map { own, peer in
            let path = Path(destination: peer, source: own, transport: .multihop)
            return try node.engine.addSession(SessionConfiguration(path: path), at: now)
        }
        for (index, (own, peer)) in pairs.enumerated() {
            let packet = ControlPacket(
                diagnostic: .none, state: .down, detectMultiplier: 3,
                myDiscriminator: UInt32(index + 1), yourDiscriminator: 0,
                desiredMinTxInterval: .second, requiredMinRxInterval: .second)
            // By which interface it comes does not matter.
            let arrival = Arrival(
                source: peer, destination: own, interfaceIndex: UInt32(index), hopLimit: 60,
                transport: .multihop, receivedAt: now)
            #expect(node.receive(encoded(packet), arrival, at: now).reason == nil)
            let heard = handles.map { node.session($0)?.remoteDiscriminator ?? 0 }
            #expect(heard == (0..<4).map { $0 <= index ? UInt32($0 + 1) : 0 })
        }
        let stranger = Arrival(
            source: .stranger, destination: .alpha, interfaceIndex: 1, hopLimit: 60,
            transport: .multihop, receivedAt: now)
        let packet = ControlPacket(
            diagnostic: .none, state: .down, detectMultiplier: 3, myDiscriminator: 9,
            yourDiscriminator: 0, desiredMinTxInterval: .second, requiredMinRxInterval: .second)
        #expect(node.receive(encoded(packet), stranger, at: now).reason == .noSession)
        let duplicate = Path(destination: .beta, source: .alpha, transport: .multihop)
        #expect(throws: EngineError.pathInUse) {
            try node.engine.addSession(SessionConfiguration(path: duplicate), at: now)
        }
    }

    @Test func `5883-4-01: one hop and several hops to one peer are two sessions`() throws {
        let bench = try bench()
        let single = try bench.node.engine.addSession(
            SessionConfiguration(path: Path(destination: .beta, source: .alpha)), at: bench.now)
        try bench.hear(.down, your: 0)
        #expect(try bench.variables.state == .initializing)
        #expect(bench.node.engine.state(of: single) == .down)
        let other = bench.node.session(single)?.localDiscriminator
        #expect(try bench.hear(.down, your: other).reason == .unknownYourDiscriminator)
    }

    @Test func `5883-4-02: a discriminator known beforehand is in every packet`() throws {
        let bench = try bench { $0.remoteDiscriminator = 77 }
        bench.run(for: .seconds(5))
        #expect(bench.sent.count >= 5)
        #expect(bench.sent.allSatisfy { $0.packet.yourDiscriminator == 77 })
        // Learned and lost again, it is what was known before.
        bench.peer.myDiscriminator = 78
        try bench.bringUp()
        #expect(try bench.variables.remoteDiscriminator == 78)
        bench.run(for: .seconds(4))
        #expect(try bench.variables.state == .down)
        #expect(bench.sent.last?.packet.yourDiscriminator == 77)
    }

    @Test func `5883-4-02: whoever waits to be spoken to goes on waiting`() throws {
        let bench = try bench {
            $0.remoteDiscriminator = 77
            $0.role = .passive
        }
        bench.run(for: .seconds(5))
        #expect(bench.sent.isEmpty)
        try bench.hear(.down)
        #expect(bench.sent.first?.packet.yourDiscriminator == bench.peer.myDiscriminator)
        bench.run(for: .seconds(4))
        bench.forget()
        bench.run(for: .seconds(5))
        #expect(bench.sent.isEmpty)
    }

    @Test func `5883-4-03: on a link of one direction the receiver is passive`() throws {
        let sender = try bench()
        let receiver = try bench { $0.role = .passive }
        sender.run(for: .seconds(3))
        receiver.run(for: .seconds(3))
        #expect(sender.sent.count >= 3)
        #expect(receiver.sent.isEmpty)
        try receiver.hear(.down, your: 0)
        #expect(receiver.sent.count == 1)
    }

    @Test func `5883-5-01: Control packets over several hops go to port 4784`() throws {
        #expect(Transport.multihop.destinationPort == 4784)
        try PacketVectorTests.check(requirement: "5883-5-01", count: 1)
        let bench = try bench()
        try bench.bringUp()
        bench.arrival.transport = .singleHop
        bench.arrival.hopLimit = 255
        #expect(try bench.hear(.up).reason == .unknownYourDiscriminator)
    }

    @Test func `5883-5-02: a minimum of the TTL is kept where one is set`() throws {
        try PacketVectorTests.check(requirement: "5883-5-02", count: 2)
        let bench = try bench { $0.minimumTTL = 245 }
        try bench.bringUp()
        bench.arrival.hopLimit = 244
        #expect(try bench.hear(.up).reason == .ttlBelowMinimum)
        #expect(try bench.variables.counters.discards.count(of: .ttlBelowMinimum) == 1)
        try bench.update { $0.minimumTTL = 255 }
        bench.arrival.hopLimit = 254
        #expect(try bench.hear(.up).reason == .ttlBelowMinimum)
    }

    @Test(arguments: [UInt8?.none, 0]) func `5883-5-02: a TTL that is not known is refused`(
        _ hopLimit: UInt8?
    ) throws {
        let bench = try bench()
        bench.arrival.hopLimit = hopLimit
        #expect(try bench.hear(.down, your: 0).reason == .ttlBelowMinimum)
    }

    @Test func `5883-5-02: a far peer opens no gate for the near ones`() throws {
        let bench = try bench { $0.minimumTTL = 1 }
        bench.arrival.transport = .singleHop
        #expect(try bench.hear(.down, your: 0).reason == .ttlNot255)
        #expect(bench.node.engine.discards.count(of: .ttlNot255) == 1)
    }

    @Test func `5883-6-01: without authentication only the discriminators protect`() throws {
        // D-18: the source is not checked over several hops, unless asked for.
        let bench = try bench()
        try bench.bringUp()
        bench.arrival.source = .stranger
        #expect(try bench.hear(.up).reason == nil)
        #expect(try bench.hear(.up, your: 1).reason == .unknownYourDiscriminator)
        try bench.update { $0.strictSource = true }
        #expect(try bench.hear(.up).reason == .sourceMismatch)
    }
}
