import BFDCore
import Testing

@Suite("RFC 5880 §6.8.4: detection")
struct DetectionTests {
    @Test func `5880-6.8.4-01: the peer's multiplier times the larger interval`() throws {
        let bench = try Bench.up()
        try bench.update { $0.requiredMinRxInterval = Microseconds(100_000) }
        _ = bench.nextPacket(within: .milliseconds(300))
        try bench.hear(.up, final: true)
        #expect(try bench.variables.detectionTime == .milliseconds(900))
        try PacketVectorTests.check(requirement: "5880-6.8.4-01", count: 1)
        bench.peer.detectMultiplier = 1
        try bench.hear(.up)
        #expect(try bench.variables.detectionTime == .milliseconds(300))
    }

    @Test(arguments: [SessionState.initializing, .up])
    func `5880-6.8.4-02: silence is Down at the very end of the detection time`(
        _ state: SessionState
    ) throws {
        let bench = try Bench.inState(state)
        let last = bench.now
        let detectionTime = try #require(try bench.variables.detectionTime)
        bench.run(for: detectionTime - Nanoseconds(1))
        #expect(try bench.variables.state == state)
        bench.forget()
        bench.run(for: Nanoseconds(1))
        let change = try #require(bench.changes.first)
        #expect(change.to == .down && change.cause == .detectionTimeExpired)
        #expect(change.at == last + detectionTime && change.lastReceived == last)
        let packet = try #require(bench.sent.first)
        #expect(packet.at == last + detectionTime)
        #expect(packet.packet.state == .down)
        #expect(packet.packet.diagnostic == .controlDetectionTimeExpired)
    }

    @Test func `5880-6.8.4-03: silence in Down sets the diagnostic`() throws {
        let bench = try Bench.up()
        try bench.hear(.adminDown)
        #expect(try bench.variables.localDiagnostic == .neighborSignaledSessionDown)
        bench.run(for: try #require(try bench.variables.detectionTime))
        #expect(try bench.variables.localDiagnostic == .controlDetectionTimeExpired)
        bench.forget()
        let packet = try #require(bench.nextPacket(within: .seconds(1))).packet
        #expect(packet.state == .down && packet.diagnostic == .controlDetectionTimeExpired)
    }

    @Test func `5880-6.8.4-03: a peer that was never heard is no failure`() throws {
        let bench = try Bench()
        bench.run(for: .seconds(60))
        #expect(try bench.variables.localDiagnostic == .none)
        #expect(bench.changes.isEmpty)
    }

    @Test func `silence takes back what the peer had said, and ends a Poll`() throws {
        let bench = try Bench.up()
        try bench.update { $0.desiredMinTxInterval = Microseconds(400_000) }
        bench.peer.demand = true
        bench.peer.requiredMinRxInterval = Microseconds(500_000)
        try bench.hear(.up)
        _ = bench.nextPacket(within: .milliseconds(500))
        #expect(try bench.variables.pollSequence == .active)
        bench.run(for: .milliseconds(900))
        let session = try bench.variables
        #expect(session.state == .down && session.remoteState == .down)
        #expect(!session.remoteDemandMode && session.pollSequence == .idle)
        #expect(session.remoteMinRxInterval == Microseconds(1))
        bench.forget()
        bench.run(for: .seconds(5))
        #expect(bench.sent.count >= 5 && bench.sent.allSatisfy { !$0.packet.poll })
    }

    @Test func `silence ends the Poll of a session that is Down already`() throws {
        let bench = try Bench.up()
        bench.setPeerInterval(1_000_000)
        try bench.hear(.adminDown)
        #expect(try bench.variables.pollSequence == .active)
        bench.run(for: .seconds(3))
        #expect(try bench.variables.pollSequence == .idle)
        bench.forget()
        bench.run(for: .seconds(3))
        #expect(bench.sent.count >= 3 && bench.sent.allSatisfy { !$0.packet.poll })
    }

    @Test func `the Poll of a failed session starts when the peer is heard again`() throws {
        let bench = try Bench.up()
        bench.run(for: .seconds(1))
        #expect(try bench.variables.state == .down)
        bench.forget()
        try bench.hear(.adminDown)
        let packet = try #require(bench.nextPacket(within: .seconds(1))).packet
        #expect(packet.poll && packet.desiredMinTxInterval == .second)
        try bench.hear(.adminDown, final: true)
        #expect(try #require(bench.nextPacket(within: .seconds(1))).packet.poll == false)
    }

    @Test func `5880-6.8.4-06: discarded packets do not postpone detection`() throws {
        let bench = try Bench.up()
        let last = bench.now
        bench.arrival.hopLimit = 254
        for _ in 0..<89 {
            bench.run(for: .milliseconds(10))
            #expect(try bench.hear(.up).reason == .ttlNot255)
        }
        bench.arrival.hopLimit = 255
        bench.arrival.source = .stranger
        try bench.hear(.up)
        #expect(try bench.variables.state == .up)
        bench.run(for: .milliseconds(10))
        #expect(bench.changes.map(\.at) == [last + .milliseconds(900)])
    }

    @Test func `the kernel's receive time counts, not the moment of reading`() throws {
        let bench = try Bench.up()
        let arrived = bench.now + .milliseconds(600)
        bench.run(for: .milliseconds(899))
        let packet = try #require(bench.sent.last).packet
        var answer = bench.peer
        answer.state = .up
        answer.yourDiscriminator = packet.myDiscriminator
        var arrival = bench.arrival
        arrival.receivedAt = arrived
        #expect(bench.node.receive(encoded(answer), arrival, at: bench.now).reason == nil)
        #expect(try bench.variables.lastReceived == arrived)
        bench.run(for: .milliseconds(600))
        #expect(try bench.variables.state == .up)
        bench.run(for: .milliseconds(1))
        #expect(bench.changes.map(\.at) == [arrived + .milliseconds(900)])
    }

    @Test func `silence is judged only as far as everything has been read`() throws {
        let bench = try Bench.up()
        let (last, now) = (bench.now, bench.now + .milliseconds(1_000))
        let own = try bench.variables.localDiscriminator
        _ = bench.node.engine.handleTimeout(at: now, heardUntil: last + .milliseconds(899))
        bench.node.fetch(at: now)
        #expect(bench.changes.isEmpty)
        // What arrived in time is read late.
        var answer = bench.peer
        answer.state = .up
        answer.yourDiscriminator = own
        var arrival = bench.arrival
        arrival.receivedAt = last + .milliseconds(890)
        bench.node.receive(encoded(answer), arrival, at: now)
        _ = bench.node.engine.handleTimeout(at: now, heardUntil: now)
        bench.node.fetch(at: now)
        #expect(bench.changes.isEmpty)
        let end = arrival.receivedAt + .milliseconds(900)
        _ = bench.node.engine.handleTimeout(at: end, heardUntil: end - Nanoseconds(1))
        bench.node.fetch(at: end)
        #expect(bench.changes.isEmpty)
        bench.node.timeOut(at: end)
        #expect(bench.changes.map(\.at) == [end])
    }

    @Test func `5880-6.8.18-02: the peer's limit is obeyed while it is Down`() throws {
        let bench = try Bench()
        bench.peer.requiredMinRxInterval = Microseconds(5_000_000)
        try bench.hear(.adminDown)
        _ = bench.nextPacket(within: .seconds(5))
        bench.forget()
        try bench.run(for: .seconds(60), hearing: .adminDown, every: .seconds(1))
        #expect(bench.gaps.count >= 10)
        #expect(bench.gaps.allSatisfy { $0 >= .milliseconds(3_750) && $0 <= .seconds(5) })
    }

    @Test func `5880-6.8.18-03: the peer's limit is forgotten after silence`() throws {
        let bench = try Bench()
        bench.peer.requiredMinRxInterval = Microseconds(60_000_000)
        try bench.hear(.adminDown)
        bench.run(for: .seconds(3))
        bench.forget()
        bench.run(for: .seconds(10))
        #expect(bench.sent.count >= 10)
        #expect(bench.gaps.allSatisfy { $0 <= .seconds(1) })
    }
}
