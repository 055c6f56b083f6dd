import BFDCore
import Testing

@Suite("RFC 5880 §6.8.2 and §6.8.3: negotiation of intervals")
struct NegotiationTests {
    @Test(arguments: [(UInt32(1_000_000), UInt32(1_000_000)), (100_000, 300_000)])
    func `5880-6.8.2-01: the larger of our wish and the peer's limit counts`(
        _ limit: UInt32, _ expected: UInt32
    ) throws {
        let bench = try Bench.up()
        bench.peer.requiredMinRxInterval = Microseconds(limit)
        try bench.hear(.up)
        #expect(try bench.variables.transmitInterval == Microseconds(expected))
        try bench.run(for: .seconds(1), hearing: .up, every: .milliseconds(200))
        bench.forget()
        try bench.run(for: .seconds(20), hearing: .up, every: .milliseconds(200))
        #expect(try bench.variables.state == .up)
        let interval = Microseconds(expected).nanoseconds
        #expect(bench.gaps.count >= 18)
        #expect(bench.gaps.allSatisfy { $0.count >= interval.count * 3 / 4 && $0 <= interval })
    }

    @Test func `5880-6.8.3-01: a changed interval is polled, with the new value`() throws {
        for isTransmit in [true, false] {
            let bench = try Bench.up()
            try bench.update {
                if isTransmit {
                    $0.desiredMinTxInterval = Microseconds(200_000)
                } else {
                    $0.requiredMinRxInterval = Microseconds(400_000)
                }
            }
            let packet = try #require(bench.nextPacket(within: .milliseconds(300))).packet
            #expect(packet.poll)
            #expect(packet.desiredMinTxInterval.count == (isTransmit ? 200_000 : 300_000))
            #expect(packet.requiredMinRxInterval.count == (isTransmit ? 300_000 : 400_000))
        }
    }

    @Test func `5880-6.8.3-02: an answer in between does not stand in for our own Poll`() throws {
        let bench = try Bench.up()
        try bench.update { $0.desiredMinTxInterval = Microseconds(400_000) }
        try bench.hear(.up, poll: true)
        let answer = try #require(bench.sent.first).packet
        #expect(answer.final && !answer.poll)
        let next = try #require(bench.nextPacket(within: .milliseconds(300))).packet
        #expect(next.poll && next.desiredMinTxInterval.count == 400_000)
    }

    @Test func `5880-6.8.3-03: a longer transmit interval waits for the Final`() throws {
        let bench = try Bench.up(interval: 100_000)
        try bench.update { $0.desiredMinTxInterval = .second }
        try bench.run(for: .seconds(5), hearing: .up, every: .milliseconds(50))
        #expect(bench.gaps.count >= 50)
        #expect(bench.gaps.allSatisfy { $0 >= .milliseconds(75) && $0 <= .milliseconds(100) })
        #expect(bench.sent.allSatisfy { $0.packet.desiredMinTxInterval == .second })
        try bench.hear(.up, final: true)
        bench.forget()
        try bench.run(for: .seconds(10), hearing: .up, every: .milliseconds(50))
        #expect(bench.gaps.count >= 9)
        #expect(bench.gaps.allSatisfy { $0 >= .milliseconds(750) && $0 <= .seconds(1) })
    }

    @Test func `5880-6.8.3-04: a shorter receive interval waits for the Final`() throws {
        let bench = try Bench(.toBeta(interval: 1_000_000))
        try bench.bringUp(interval: 1_000_000)
        bench.peer.desiredMinTxInterval = Microseconds(100_000)
        try bench.hear(.up)
        #expect(try bench.variables.detectionTime == .seconds(3))
        try bench.update { $0.requiredMinRxInterval = Microseconds(100_000) }
        try bench.run(for: .seconds(5), hearing: .up, every: .seconds(1))
        #expect(try bench.variables.state == .up)
        #expect(try bench.variables.detectionTime == .seconds(3))
        try bench.hear(.up, final: true)
        #expect(try bench.variables.detectionTime == .milliseconds(300))
        bench.run(for: .milliseconds(300))
        #expect(try bench.variables.state == .down)
    }

    @Test func `5880-6.8.3-04: a receive interval shortened on the way to Up waits for it too`()
        throws
    {
        let bench = try Bench(.toBeta(interval: 1_000_000))
        bench.peer.desiredMinTxInterval = Microseconds(100_000)
        try bench.hear(.down)
        try bench.update { $0.requiredMinRxInterval = Microseconds(100_000) }
        #expect(try bench.variables.state == .initializing)
        #expect(try bench.variables.detectionTime == .seconds(3))
        try bench.hear(.up)
        // The peer has been told of the old interval only, and may keep to it.
        #expect(try bench.variables.state == .up)
        #expect(try bench.variables.detectionTime == .seconds(3))
        bench.run(for: .seconds(2))
        #expect(try bench.variables.state == .up)
        try bench.hear(.up, final: true)
        #expect(try bench.variables.detectionTime == .milliseconds(300))
    }

    @Test(arguments: [SessionState.down, .initializing, .adminDown])
    func `5880-6.8.3-05: while not Up there is a second between packets`(
        _ state: SessionState
    ) throws {
        let bench = try Bench(.toBeta(interval: 50_000))
        try bench.hear(state == .initializing ? .down : .adminDown)
        if state == .adminDown { try bench.disable() }
        #expect(try bench.variables.state == state)
        bench.forget()
        let heard: SessionState = state == .initializing ? .down : .adminDown
        try bench.run(for: .seconds(10), hearing: heard, every: .milliseconds(500))
        #expect(bench.sent.count >= 10)
        #expect(bench.sent.allSatisfy { $0.packet.desiredMinTxInterval >= .second })
        #expect(bench.gaps.allSatisfy { $0 >= .milliseconds(750) && $0 <= .seconds(1) })
    }

    @Test func `5880-6.8.3-05: nor does a change while not Up go below it`() throws {
        let bench = try Bench.inState(.down)
        try bench.update { $0.desiredMinTxInterval = Microseconds(50_000) }
        #expect(try bench.variables.desiredMinTxInterval == .second)
        #expect(try bench.variables.transmitInterval == .second)
        try bench.update { $0.desiredMinTxInterval = Microseconds(2_000_000) }
        #expect(try bench.variables.transmitInterval == Microseconds(2_000_000))
    }

    @Test func `5880-6.8.3-06: a peer that can take more is served at once`() throws {
        let bench = try Bench.up(interval: 100_000)
        bench.peer.requiredMinRxInterval = .second
        bench.peer.desiredMinTxInterval = .second
        try bench.hear(.up)
        _ = bench.nextPacket(within: .seconds(1))
        bench.forget()
        bench.run(for: .milliseconds(600))
        #expect(bench.sent.isEmpty)
        bench.peer.requiredMinRxInterval = Microseconds(100_000)
        try bench.hear(.up)
        bench.run(for: .zero)
        #expect(bench.sent.map(\.at) == [bench.now])
        try bench.run(for: .seconds(2), hearing: .up, every: .milliseconds(500))
        #expect(bench.gaps.count >= 20)
        #expect(bench.gaps.allSatisfy { $0 <= .milliseconds(100) })
    }

    @Test func `5880-6.8.3-08: a shorter transmit interval acts at once`() throws {
        let bench = try Bench.up()
        _ = bench.nextPacket(within: .seconds(1))
        bench.peer.requiredMinRxInterval = Microseconds(50_000)
        try bench.hear(.up)
        bench.forget()
        try bench.update { $0.desiredMinTxInterval = Microseconds(50_000) }
        #expect(try bench.variables.transmitInterval == Microseconds(50_000))
        #expect(bench.nextPacket(within: .milliseconds(50)) != nil)
    }

    @Test func `5880-6.8.3-08: a longer receive interval acts at once`() throws {
        let bench = try Bench.up()
        #expect(try bench.variables.detectionTime == .milliseconds(900))
        try bench.update { $0.requiredMinRxInterval = .second }
        #expect(try bench.variables.detectionTime == .seconds(3))
        bench.run(for: .milliseconds(2_999))
        #expect(try bench.variables.state == .up)
        bench.run(for: .milliseconds(1))
        #expect(try bench.variables.state == .down)
    }

    @Test func `5880-6.8.3-08: the peer's multiplier and interval act at once`() throws {
        let bench = try Bench.up()
        bench.peer.detectMultiplier = 5
        try bench.hear(.up)
        #expect(try bench.variables.detectionTime == .milliseconds(1_500))
        bench.peer.desiredMinTxInterval = .second
        try bench.hear(.up)
        #expect(try bench.variables.detectionTime == .seconds(5))
        bench.peer.detectMultiplier = 1
        bench.peer.desiredMinTxInterval = Microseconds(10_000)
        try bench.hear(.up)
        #expect(try bench.variables.detectionTime == .milliseconds(300))
        bench.run(for: .milliseconds(300))
        #expect(try bench.variables.state == .down)
    }

    @Test func `5880-6.8.3-08: a peer that can take less is spared at once`() throws {
        let bench = try Bench.up(interval: 100_000)
        let last = try #require(bench.nextPacket(within: .milliseconds(100)))
        bench.setPeerInterval(1_000_000)
        try bench.hear(.up)
        let next = try #require(bench.nextPacket(within: .seconds(1)))
        #expect(next.at - last.at >= .milliseconds(750))
    }

    @Test func `5880-6.8.3-09: a change during a Poll waits for its own`() throws {
        let bench = try Bench.up(interval: 100_000)
        try bench.update { $0.desiredMinTxInterval = Microseconds(200_000) }
        _ = bench.nextPacket(within: .milliseconds(100))
        bench.run(for: .milliseconds(1))
        try bench.update { $0.requiredMinRxInterval = Microseconds(200_000) }
        let during = try #require(bench.nextPacket(within: .milliseconds(100))).packet
        #expect(during.poll && during.requiredMinRxInterval.count == 100_000)
        try bench.hear(.up, final: true)
        let between = try #require(bench.nextPacket(within: .milliseconds(200))).packet
        #expect(!between.poll && between.requiredMinRxInterval.count == 100_000)
        try bench.hear(.up, final: true)
        #expect(try #require(bench.nextPacket(within: .milliseconds(200))).packet.poll == false)
        try bench.hear(.up)
        let second = try #require(bench.nextPacket(within: .milliseconds(200))).packet
        #expect(second.poll && second.requiredMinRxInterval.count == 200_000)
    }

    @Test func `5880-6.8.3-09: changes before the first P share one Poll`() throws {
        let bench = try Bench.up(interval: 100_000)
        try bench.update { $0.desiredMinTxInterval = Microseconds(200_000) }
        try bench.update { $0.requiredMinRxInterval = Microseconds(300_000) }
        let packet = try #require(bench.nextPacket(within: .milliseconds(100))).packet
        #expect(packet.poll && packet.desiredMinTxInterval.count == 200_000)
        #expect(packet.requiredMinRxInterval.count == 300_000)
        try bench.hear(.up, final: true)
        try bench.hear(.up)
        #expect(try #require(bench.nextPacket(within: .milliseconds(200))).packet.poll == false)
    }

    @Test func `5880-6.8.3-10: changes on both ends at once`() throws {
        let pair = try Pair()
        #expect(pair.runUntilUp(within: .seconds(5)))
        pair.run(for: .seconds(3))
        pair.forget()
        for (node, session, configuration) in [
            (pair.a, pair.sessionA, SessionConfiguration.toBeta(interval: 50_000)),
            (pair.b, pair.sessionB, .toAlpha(interval: 50_000)),
        ] {
            try node.engine.update(session, to: configuration, at: pair.now)
        }
        pair.run(for: .seconds(5))
        for node in [pair.a, pair.b] {
            #expect(node.sent.count { $0.packet.poll } == 1)
            #expect(node.sent.count { $0.packet.final } == 1)
            #expect(node.changes.isEmpty)
        }
        #expect(pair.variablesA?.transmitInterval == Microseconds(50_000))
        #expect(pair.variablesB?.transmitInterval == Microseconds(50_000))
        #expect(pair.variablesA?.detectionTime == .milliseconds(150))
    }

    @Test(arguments: [false, true])
    func `5880-6.8.3-11: a change taken back during its Poll`(_ isOnWire: Bool) throws {
        let pair = try Pair(.toBeta(interval: 100_000), .toAlpha(interval: 100_000))
        #expect(pair.runUntilUp(within: .seconds(5)))
        pair.run(for: .seconds(3))
        pair.forget()
        var configuration = SessionConfiguration.toBeta(interval: 100_000)
        configuration.desiredMinTxInterval = Microseconds(500_000)
        try pair.a.engine.update(pair.sessionA, to: configuration, at: pair.now)
        if isOnWire {
            pair.delay = .milliseconds(100)
            pair.run(for: .milliseconds(101))
            #expect(pair.a.sent.contains { $0.packet.poll })
        }
        configuration.desiredMinTxInterval = Microseconds(100_000)
        try pair.a.engine.update(pair.sessionA, to: configuration, at: pair.now)
        pair.run(for: .seconds(10))
        #expect(pair.variablesA?.transmitInterval == Microseconds(100_000))
        #expect(pair.variablesA?.pollSequence == .idle)
        #expect(pair.variablesB?.remoteDesiredMinTxInterval == Microseconds(100_000))
        #expect(pair.a.changes.isEmpty && pair.b.changes.isEmpty)
    }

    @Test func `5880-6.8.10-01: a new receive interval goes out with the next packet`() throws {
        let bench = try Bench.up()
        try bench.update { $0.requiredMinRxInterval = Microseconds(500_000) }
        #expect(try bench.variables.requiredMinRxInterval == Microseconds(500_000))
        let packet = try #require(bench.nextPacket(within: .milliseconds(300))).packet
        #expect(packet.requiredMinRxInterval.count == 500_000)
    }

    @Test func `5880-6.8.12-01: the multiplier changes without a Poll`() throws {
        let bench = try Bench.up()
        try bench.update { $0.detectMultiplier = 5 }
        let packet = try #require(bench.nextPacket(within: .milliseconds(300))).packet
        #expect(packet.detectMultiplier == 5 && !packet.poll)
    }

    @Test(arguments: [UInt32(3_300), 10_000, 20_000, 33_333, 50_000, 1_000_000, 10_000_000])
    func `7419-3-03: every interval is kept to the microsecond`(_ interval: UInt32) throws {
        let bench = try Bench.up(interval: 1_000)
        bench.setPeerInterval(interval)
        try bench.hear(.up)
        #expect(try bench.variables.transmitInterval == Microseconds(interval))
        #expect(try bench.variables.receiveInterval == Microseconds(interval))
    }
}
