import BFDCore
import Testing

/// A peer such as ovn-controller, which keeps our discriminator of a previous run for ever.
@Suite("OVN as a peer")
struct OVNProfileTests {
    /// What OVN sends after a restart of ours: Down, to a discriminator nobody has any more.
    private func hearStale(_ bench: Bench, _ state: SessionState = .down) throws -> Reception {
        bench.setPeerInterval(100_000)
        return try bench.hear(state, your: 0xdead_0001)
    }

    private func bench(accepting: Bool = true, discriminator: UInt32 = 0) throws -> Bench {
        var configuration = SessionConfiguration.toBeta(interval: 100_000)
        configuration.acceptsStaleDiscriminator = accepting
        configuration.localDiscriminator = discriminator
        return try Bench(configuration)
    }

    @Test func `a stale discriminator is a deadlock for those who follow the RFC`() throws {
        let bench = try bench(accepting: false)
        for _ in 0..<100 {
            bench.run(for: .milliseconds(100))
            #expect(try hearStale(bench).reason == .unknownYourDiscriminator)
        }
        #expect(try bench.variables.state == .down)
        #expect(bench.node.engine.discards.count(of: .unknownYourDiscriminator) == 100)
    }

    @Test func `a configured OVN peer is known by its addresses, and comes up`() throws {
        let bench = try bench()
        #expect(try hearStale(bench).reason == nil)
        let variables = try bench.variables
        #expect(variables.state == .initializing)
        // Now OVN learns the new discriminator, and uses it.
        #expect(bench.sent.last?.packet.myDiscriminator == variables.localDiscriminator)
        #expect(bench.sent.last?.packet.yourDiscriminator == bench.peer.myDiscriminator)
        try bench.hear(.up)
        #expect(try bench.variables.state == .up)
        #expect(bench.node.engine.discards.count(of: .unknownYourDiscriminator) == 0)
    }

    @Test func `a kept discriminator needs no such leniency`() throws {
        let bench = try bench(accepting: false, discriminator: 0xdead_0001)
        #expect(try hearStale(bench).reason == nil)
        #expect(try bench.variables.state == .initializing)
    }

    @Test(arguments: [SessionState.adminDown, .initializing, .up])
    func `only Down is accepted with a stale discriminator`(_ state: SessionState) throws {
        let bench = try bench()
        #expect(try hearStale(bench, state).reason == .unknownYourDiscriminator)
    }

    @Test func `a stranger gains nothing`() throws {
        let bench = try bench()
        bench.arrival.source = .stranger
        #expect(try hearStale(bench).reason == .unknownYourDiscriminator)
        bench.arrival.source = .beta
        bench.arrival.hopLimit = 254
        #expect(try hearStale(bench).reason == .ttlNot255)
        #expect(try bench.variables.state == .down)
    }

    @Test func `Required Min RX is the same in every state, and Demand is never set`() throws {
        let bench = try bench()
        #expect(try hearStale(bench).reason == nil)
        try bench.hear(.up)
        bench.run(for: .milliseconds(200))
        try bench.disable()
        bench.run(for: .seconds(1))
        let states = Set(bench.sent.map(\.packet.state))
        #expect(states == [.down, .initializing, .up, .adminDown])
        #expect(bench.sent.allSatisfy { $0.packet.requiredMinRxInterval.count == 100_000 })
        #expect(bench.sent.allSatisfy { !$0.packet.demand && !$0.packet.authenticationPresent })
    }
}
