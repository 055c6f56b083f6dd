import BFDCore
import Testing

@Suite("RFC 5880 §6.8.6: reception, in its order")
struct ReceptionTests {
    @Test func `5880-6.8.6-00: too short for a header`() throws {
        try PacketVectorTests.check(requirement: "5880-6.8.6-00", count: 3)
    }

    @Test func `5880-6.8.6-01: another version`() throws {
        try PacketVectorTests.check(requirement: "5880-6.8.6-01", count: 3)
    }

    @Test func `5880-6.8.6-02: Length below the minimum`() throws {
        try PacketVectorTests.check(requirement: "5880-6.8.6-02", count: 5)
    }

    @Test func `5880-6.8.6-03: Length beyond the payload`() throws {
        try PacketVectorTests.check(requirement: "5880-6.8.6-03", count: 3)
    }

    @Test func `5880-6.8.6-04: Detect Mult zero`() throws {
        try PacketVectorTests.check(requirement: "5880-6.8.6-04", count: 1)
    }

    @Test func `5880-6.8.6-05: the M bit`() throws {
        try PacketVectorTests.check(requirement: "5880-6.8.6-05", count: 1)
    }

    @Test func `5880-6.8.6-06: My Discriminator zero`() throws {
        try PacketVectorTests.check(requirement: "5880-6.8.6-06", count: 1)
    }

    @Test func `5880-6.8.6-07: an unknown Your Discriminator falls back to nothing`() throws {
        try PacketVectorTests.check(requirement: "5880-6.8.6-07", count: 2)
        let bench = try Bench()
        let other = try bench.variables.localDiscriminator &+ 1
        #expect(try bench.hear(.down, your: other).reason == .unknownYourDiscriminator)
        #expect(bench.node.engine.sessionCount == 1)
        #expect(try bench.variables.state == .down)
        #expect(bench.node.engine.discards.count(of: .unknownYourDiscriminator) == 1)
    }

    @Test func `5880-6.8.6-08: Your Discriminator zero in Init and Up`() throws {
        try PacketVectorTests.check(requirement: "5880-6.8.6-08", count: 2)
    }

    @Test func `5880-6.8.6-09: nobody is there for a Your Discriminator of zero`() throws {
        try PacketVectorTests.check(requirement: "5880-6.8.6-09", count: 1)
        let bench = try Bench()
        bench.arrival.source = .stranger
        try bench.hear(.down, your: 0)
        #expect(bench.node.engine.sessionCount == 1)
        #expect(bench.node.engine.discards.count(of: .noSession) == 1)
    }

    @Test func `5880-6.8.6-11: Your Discriminator zero selects by the peer`() throws {
        try PacketVectorTests.check(requirement: "5880-6.8.6-11", count: 1)
    }

    @Test func `5880-6.8.6-12: Your Discriminator zero reaches a session that is Up`() throws {
        let bench = try Bench.up()
        bench.hear(try PacketVectors.named("down-your0-while-up").bytes)
        let session = try bench.variables
        #expect(session.state == .down)
        #expect(session.localDiagnostic == .neighborSignaledSessionDown)
        #expect(session.remoteDiscriminator == 0x5566_7788)
    }

    @Test func `5880-6.8.6-13: authentication nobody asked for`() throws {
        try PacketVectorTests.check(requirement: "5880-6.8.6-13", count: 1)
    }

    @Test func `5880-6.8.6-16: what the packet says is stored`() throws {
        let bench = try Bench()
        bench.peer.diagnostic = Diagnostic(rawValue: 4)
        bench.peer.demand = true
        bench.peer.controlPlaneIndependent = true
        bench.peer.detectMultiplier = 7
        bench.peer.desiredMinTxInterval = Microseconds(123_456)
        bench.peer.requiredMinRxInterval = Microseconds(654_321)
        bench.peer.requiredMinEchoRxInterval = Microseconds(50_000)
        try bench.hear(.initializing)
        let session = try bench.variables
        #expect(session.remoteDiscriminator == 0x1122_3344)
        #expect(session.remoteState == .initializing)
        #expect(session.remoteDiagnostic.rawValue == 4)
        #expect(session.remoteDemandMode && session.remoteControlPlaneIndependent)
        #expect(session.remoteDetectMultiplier == 7)
        #expect(session.remoteDesiredMinTxInterval == Microseconds(123_456))
        #expect(session.remoteMinRxInterval == Microseconds(654_321))
        #expect(session.remoteMinEchoRxInterval == Microseconds(50_000))
        #expect(session.lastReceived == bench.now)
    }

    @Test func `5880-6.8.6-18: an F ends our Poll`() throws {
        let bench = try Bench.up()
        try bench.update { $0.desiredMinTxInterval = Microseconds(400_000) }
        _ = bench.nextPacket(within: .milliseconds(300))
        #expect(try bench.variables.pollSequence == .active)
        try bench.hear(.up, final: true)
        #expect(try bench.variables.pollSequence == .settling)
        try bench.hear(.up)
        #expect(try bench.variables.pollSequence == .idle)
    }

    @Test func `5880-6.8.6-18: an F before our P is on the wire ends nothing`() throws {
        let bench = try Bench.up()
        try bench.update { $0.desiredMinTxInterval = Microseconds(400_000) }
        try bench.hear(.up, final: true)
        #expect(try bench.variables.transmitInterval == Microseconds(300_000))
        #expect(try #require(bench.nextPacket(within: .milliseconds(300))).packet.poll)
    }

    @Test func `5880-6.8.6-19: the timers are those of the packet that changes the state`() throws {
        let bench = try Bench(.toBeta(interval: 50_000))
        try bench.hear(.down)
        bench.setPeerInterval(50_000)
        bench.peer.detectMultiplier = 4
        try bench.hear(.initializing)
        #expect(try bench.variables.state == .up)
        #expect(try bench.variables.detectionTime == .milliseconds(200))
        #expect(try bench.variables.transmitInterval == Microseconds(50_000))
    }

    @Test func `5880-6.8.6-21: disabled here, the state that is heard is stored only`() throws {
        let bench = try Bench.inState(.adminDown)
        let invalid = try bench.variables.counters.receivedInvalid
        bench.peer.diagnostic = Diagnostic(rawValue: 2)
        #expect(try bench.hear(.down).reason == .localAdminDown)
        let session = try bench.variables
        #expect(session.state == .adminDown && session.remoteState == .down)
        #expect(session.remoteDiagnostic.rawValue == 2)
        #expect(session.counters.discards.count(of: .localAdminDown) == 1)
        #expect(session.counters.receivedInvalid == invalid)
        #expect(bench.sent.isEmpty && bench.changes.isEmpty)
    }

    @Test func `5880-6.8.6-22: the peer says AdminDown`() throws {
        try PacketVectorTests.check(requirement: "5880-6.8.6-22", count: 1)
        let bench = try Bench.up()
        try bench.hear(.adminDown)
        #expect(bench.changes.map(\.cause) == [.peerAdminDown])
        let diagnostic = try bench.variables.localDiagnostic
        #expect(diagnostic == .neighborSignaledSessionDown)
        try bench.hear(.adminDown)
        #expect(try bench.variables.localDiagnostic == diagnostic)
        #expect(bench.changes.count == 1)
    }

    @Test func `5880-6.8.6-23: the transitions are those of the state machine`() throws {
        try PacketVectorTests.check(requirement: "5880-6.8.6-23", count: 1)
        for (name, state) in [
            ("down-first", SessionState.initializing), ("init-reply", .up),
        ] {
            let vector = try PacketVectors.named(name)
            var configuration = SessionConfiguration.toBeta()
            configuration.localDiscriminator = vector.receiver.localDiscriminator
            let bench = try Bench(configuration)
            bench.hear(vector.bytes)
            #expect(try bench.variables.state == state)
        }
    }

    @Test func `5880-6.8.6-24: Demand at the other end stops periodic packets`() throws {
        let bench = try Bench.up()
        bench.peer.demand = true
        try bench.hear(.up, poll: true)
        #expect(bench.sent.map(\.packet.final) == [true])
        bench.forget()
        try bench.run(for: .seconds(3), hearing: .up, every: .milliseconds(300))
        #expect(bench.sent.isEmpty)
        #expect(try bench.variables.state == .up)
    }

    @Test func `5880-6.8.6-25: periodic packets are back without Demand, and out of Up`() throws {
        let bench = try Bench.up()
        bench.peer.demand = true
        try bench.run(for: .seconds(3), hearing: .up, every: .milliseconds(300))
        bench.peer.demand = false
        try bench.hear(.up)
        #expect(bench.nextPacket(within: .milliseconds(300)) != nil)
        let other = try Bench.up()
        other.peer.demand = true
        try other.hear(.up)
        try other.hear(.adminDown)
        try other.hear(.adminDown, final: true)
        try other.hear(.adminDown)
        #expect(try other.variables.pollSequence == .idle)
        other.forget()
        try other.run(for: .seconds(4), hearing: .adminDown, every: .milliseconds(200))
        #expect(other.sent.count >= 4)
    }

    @Test func `5880-6.8.6-26: a P is answered with F and without P`() throws {
        let bench = try Bench.up()
        try bench.hear(.up, poll: true)
        let answer = try #require(bench.sent.first)
        #expect(bench.sent.count == 1 && answer.at == bench.now)
        #expect(answer.packet.final && !answer.packet.poll)
    }

    @Test func `5880-6.8.6-27: the answer tells of the new state already`() throws {
        let bench = try Bench()
        bench.forget()
        try bench.hear(.down, your: 0, poll: true)
        let answer = try #require(bench.sent.first).packet
        #expect(answer.final && answer.state == .initializing)
        #expect(bench.sent.count == 1)
    }

    @Test func `5880-6.8.6-28: the first rule that hits decides`() throws {
        try PacketVectorTests.check(requirement: "5880-6.8.6-28", count: 6)
    }
}
