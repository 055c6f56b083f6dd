import BFDAuthentication
import BFDCore
import Testing

/// A process is killed, and another one goes on with what was kept of its sessions.
@Suite("Memory")
struct MemoryTests {
    private func upPair(interval: UInt32 = 300_000) throws -> Pair {
        let pair = try Pair(.toBeta(interval: interval), .toAlpha(interval: interval))
        #expect(pair.runUntilUp(within: .seconds(10)))
        pair.run(for: .seconds(5))
        return pair
    }

    @Test func `killed and back within the detection time of the peer: nobody goes Down`() throws {
        let pair = try upPair()
        for outage in [0, 1, 50, 100, 300, 590] {
            let before = try #require(pair.variablesB)
            try pair.killB(for: .milliseconds(Int64(outage)))
            let begun = try #require(pair.variablesB)
            #expect(begun.state == .up)
            #expect(begun.localDiscriminator == before.localDiscriminator)
            pair.run(for: .seconds(5))
            let after = try #require(pair.variablesB)
            #expect(after.state == .up && after.counters.downs == 0, "\(outage) ms")
            #expect(try #require(pair.variablesA).counters.downs == 0, "\(outage) ms")
            #expect(after.transmitInterval == Microseconds(300_000))
            #expect(after.lastStateChange == before.lastStateChange)
        }
    }

    @Test func `the first packet leaves at once`() throws {
        let pair = try upPair()
        try pair.killB(for: .milliseconds(200))
        pair.forget()
        let begun = pair.now
        pair.run(for: .milliseconds(1))
        let first = try #require(pair.b.sent.first)
        #expect(first.at == begun)
        #expect(first.packet.state == .up)
    }

    @Test func `silence counts from the beginning: a peer that is gone is Down in time`() throws {
        let pair = try upPair()
        pair.isCutFromA = true
        try pair.killB(for: .milliseconds(100))
        let begun = pair.now
        pair.run(for: .seconds(2))
        let change = try #require(pair.b.changes.last)
        #expect(change.to == .down && change.cause == .detectionTimeExpired)
        #expect(change.at == begun + .milliseconds(900))
    }

    @Test func `a peer that has given us up says so, and both come up again`() throws {
        let pair = try upPair()
        try pair.killB(for: .milliseconds(1_500))
        #expect(pair.stateA == .down)
        #expect(pair.stateB == .up)
        pair.run(for: .seconds(6))
        #expect(pair.stateA == .up && pair.stateB == .up)
        #expect(try #require(pair.variablesB).counters.downs == 1)
    }

    @Test func `killed at any moment of the way to Up, it comes Up`() throws {
        for step in 0..<60 {
            let pair = try Pair(.toBeta(interval: 50_000), .toAlpha(interval: 50_000))
            pair.run(for: .milliseconds(Int64(step) * 45))
            try pair.killB(for: .milliseconds(Int64(step)))
            #expect(pair.runUntilUp(within: .seconds(10)), "at \(step * 45) ms")
            pair.run(for: .seconds(5))
            for session in [pair.variablesA, pair.variablesB] {
                #expect(try #require(session).state == .up)
                #expect(try #require(session).transmitInterval == Microseconds(50_000))
            }
        }
    }

    @Test func `other intervals in the configuration are told by a Poll, and nobody goes Down`()
        throws
    {
        for (before, now) in [(300_000, 50_000), (50_000, 300_000)] as [(UInt32, UInt32)] {
            let pair = try Pair(.toBeta(interval: 50_000), .toAlpha(interval: before))
            #expect(pair.runUntilUp(within: .seconds(10)))
            pair.run(for: .seconds(5))
            try pair.killB(for: .milliseconds(60), .toAlpha(interval: now))
            pair.run(for: .seconds(8))
            let after = try #require(pair.variablesB)
            #expect(after.counters.downs == 0 && after.desiredMinTxInterval == Microseconds(now))
            #expect(after.pollSequence == .idle)
            #expect(try #require(pair.variablesA).counters.downs == 0)
        }
    }

    @Test func `only what is Up at both ends is kept`() throws {
        let pair = try upPair()
        func isKept(_ node: Node, _ slot: Int) -> Bool { node.engine.memory(inSlot: slot) != nil }
        #expect(isKept(pair.b, 0) && !isKept(pair.b, 1))
        try pair.b.engine.setAdministrativelyDown(true, pair.sessionB, at: pair.now)
        #expect(!isKept(pair.b, 0))
        pair.run(for: .seconds(1))
        #expect(!isKept(pair.a, 0))
    }

    @Test func `whoever is to be AdminDown, and numbers that cannot be, begin anew`() throws {
        let pair = try upPair()
        let kept = pair.b.engine.memory(inSlot: 0)
        let memory = try #require(kept)
        let node = Node()
        var disabled = SessionConfiguration.toAlpha()
        disabled.isAdministrativelyDown = true
        func recall(_ memory: SessionMemory, _ wanted: SessionConfiguration) -> Bool {
            node.engine.recall(memory, wanted, at: pair.now) != nil
        }
        #expect(!recall(memory, disabled))
        #expect(!recall(SessionMemory(), .toAlpha()))
        #expect(recall(memory, .toAlpha()))
        // Its discriminator is taken by now.
        #expect(!recall(memory, .toAlpha()))
    }
}
