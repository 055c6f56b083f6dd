import BFDCore
import Testing

@Suite("RFC 5880 §6.1 to §6.6: roles, demultiplexing, Poll, Demand")
struct RoleAndPollTests {
    @Test func `5880-6.1-01: the active role speaks first, and goes on slowly`() throws {
        let bench = try Bench()
        #expect(bench.sent.count == 1)
        bench.run(for: .seconds(10))
        #expect(bench.sent.count >= 11)
        #expect(bench.gaps.allSatisfy { $0 >= .milliseconds(750) && $0 <= .seconds(1) })
    }

    @Test func `5880-6.1-02: the passive role waits until it is spoken to`() throws {
        let bench = try Bench(.toBeta(role: .passive))
        bench.run(for: .seconds(10))
        #expect(bench.sent.isEmpty)
        try bench.hear(.down, your: 0)
        let first = try #require(bench.sent.first)
        #expect(first.at == bench.now)
        #expect(first.packet.yourDiscriminator == 0x1122_3344)
        bench.run(for: .seconds(2))
        #expect(bench.sent.count >= 3)
    }

    @Test func `5880-6.1-03: two passive ends never talk`() throws {
        let pair = try Pair(.toBeta(role: .passive), .toAlpha(role: .passive))
        pair.run(for: .seconds(60))
        #expect(pair.a.sent.isEmpty && pair.b.sent.isEmpty)
    }

    @Test func `5880-6.1-04: after leaving Up the slow rate is back`() throws {
        let bench = try Bench.up(interval: 50_000)
        try bench.hear(.down)
        bench.setPeerInterval(1_000_000)
        try bench.run(for: .seconds(10), hearing: .adminDown, every: .milliseconds(500))
        #expect(bench.sent.count >= 11)
        #expect(bench.gaps.allSatisfy { $0 >= .milliseconds(750) && $0 <= .seconds(1) })
    }

    @Test func `5880-6.3-01: ten thousand discriminators are distinct and not zero`() throws {
        let discriminators = try Self.discriminators(count: 10_000, seed: 3)
        #expect(Set(discriminators).count == 10_000)
        #expect(!discriminators.contains(0))
    }

    @Test func `5880-6.3-02: discriminators are random`() throws {
        let one = try Self.discriminators(count: 100, seed: 1)
        let other = try Self.discriminators(count: 100, seed: 2)
        #expect(Set(one).isDisjoint(with: other))
        let steps = zip(one.dropFirst(), one).map { $0 &- $1 }
        #expect(Set(steps).count == steps.count)
    }

    private static func discriminators(count: Int, seed: UInt64) throws -> [UInt32] {
        let node = Node(capacity: count, seed: seed)
        let now = Instant(nanoseconds: 1)
        return try (0..<count).map { index in
            let path = Path(destination: IPAddress(ipv4: UInt32(index + 1)))
            let handle = try node.engine.addSession(SessionConfiguration(path: path), at: now)
            return node.engine.session(handle)?.localDiscriminator ?? 0
        }
    }

    @Test func `5880-6.3-03: Your Discriminator selects whatever the source`() throws {
        let bench = try Bench.up()
        try bench.update { $0.strictSource = false }
        bench.arrival.source = .stranger
        bench.arrival.interfaceIndex = 8
        #expect(try bench.hear(.up).reason == nil)
        #expect(try bench.variables.state == .up)
    }

    @Test func `5880-6.3-03: a strict session refuses another source`() throws {
        let bench = try Bench.up()
        bench.arrival.source = .stranger
        let before = try bench.variables
        #expect(try bench.hear(.down).reason == .sourceMismatch)
        let after = try bench.variables
        #expect(
            PacketVectorTests.variables(of: after) == PacketVectorTests.variables(of: before))
        #expect(after.counters.discards.count(of: .sourceMismatch) == 1)
        #expect(after.counters.receivedInvalid == before.counters.receivedInvalid + 1)
    }

    @Test func `5880-6.3-04: the peer may change its own discriminator`() throws {
        let bench = try Bench.up()
        bench.peer.myDiscriminator = 0x5566_7788
        try bench.hear(.up)
        #expect(try bench.variables.state == .up)
        #expect(try bench.variables.counters.discriminatorChanges == 1)
        let next = try #require(bench.nextPacket(within: .milliseconds(300)))
        #expect(next.packet.yourDiscriminator == 0x5566_7788)
    }

    @Test func `5880-6.5-01: P stays set until F comes`() throws {
        let bench = try Bench.up()
        try bench.update { $0.desiredMinTxInterval = Microseconds(400_000) }
        try bench.run(for: .milliseconds(1_500), hearing: .up, every: .milliseconds(100))
        #expect(bench.sent.count >= 5)
        #expect(bench.sent.allSatisfy { $0.packet.poll })
        bench.forget()
        try bench.hear(.up, final: true)
        try bench.run(for: .seconds(2), hearing: .up, every: .milliseconds(100))
        #expect(bench.sent.count >= 4)
        #expect(bench.sent.allSatisfy { !$0.packet.poll })
    }

    @Test func `5880-6.5-02: P and F are never in one packet`() throws {
        let bench = try Bench.up()
        try bench.update { $0.desiredMinTxInterval = Microseconds(400_000) }
        #expect(try #require(bench.nextPacket(within: .seconds(1))).packet.poll)
        bench.forget()
        try bench.hear(.up, poll: true)
        let answer = try #require(bench.sent.first)
        #expect(answer.packet.final && !answer.packet.poll)
        let next = try #require(bench.nextPacket(within: .seconds(1)))
        #expect(next.packet.poll && !next.packet.final)
        try PacketVectorTests.check(requirement: "5880-6.5-02", count: 1)
    }

    @Test func `5880-6.5-03: a Poll sends no packet of its own`() throws {
        let quiet = try Bench.up(seed: 9)
        let polling = try Bench.up(seed: 9)
        try polling.update { $0.desiredMinTxInterval = Microseconds(400_000) }
        for bench in [quiet, polling] {
            try bench.run(for: .seconds(3), hearing: .up, every: .milliseconds(100))
        }
        #expect(polling.sent.allSatisfy { $0.packet.poll })
        #expect(polling.sent.map(\.at) == quiet.sent.map(\.at))
        #expect(quiet.sent.count >= 10)
    }

    @Test(arguments: [false, true])
    func `5880-6.5-04: after F, Demand decides what goes on`(_ isDemand: Bool) throws {
        let bench = try Bench.up()
        try bench.update { $0.desiredMinTxInterval = Microseconds(400_000) }
        _ = bench.nextPacket(within: .seconds(1))
        bench.peer.demand = isDemand
        bench.forget()
        try bench.hear(.up, final: true)
        try bench.run(for: .seconds(4), hearing: .up, every: .milliseconds(200))
        #expect(bench.sent.isEmpty == isDemand)
        #expect(bench.sent.allSatisfy { !$0.packet.poll })
    }

    @Test func `5880-6.5-05: an F nobody asked for changes nothing`() throws {
        let bench = try Bench.up()
        try bench.hear(.up)
        let before = try bench.variables
        #expect(try bench.hear(.up, final: true).reason == nil)
        let after = try bench.variables
        #expect(
            PacketVectorTests.variables(of: after) == PacketVectorTests.variables(of: before))
        #expect(after.counters.received == before.counters.received + 1)
    }

    @Test func `5880-6.6-01: without Demand mode D is never set`() throws {
        let bench = try Bench.up()
        bench.peer.demand = true
        try bench.hear(.up, poll: true)
        bench.peer.demand = false
        try bench.run(for: .seconds(2), hearing: .up, every: .milliseconds(200))
        #expect(bench.sent.count >= 6)
        #expect(bench.sent.allSatisfy { $0.bytes[1] & 0x02 == 0 })
    }
}
