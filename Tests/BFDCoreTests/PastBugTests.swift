import BFDCore
import Testing

/// Bugs that other implementations shipped and paid for, each as a test of ours.
@Suite("Bugs that others had")
struct PastBugTests {
    @Test(arguments: [UInt64](1...10))
    func `bug 1: a passive end does not stay in Init`(_ seed: UInt64) throws {
        let pair = try Pair(.toBeta(role: .passive), .toAlpha(), seed: seed)
        #expect(pair.runUntilUp(within: .seconds(4)))
    }

    @Test func `bug 2: an active session made again after its removal comes Up again`() throws {
        let bench = try Bench.up()
        try bench.remove()
        bench.run(for: .seconds(3))
        let again = try bench.node.engine.addSession(.toBeta(), at: bench.now)
        bench.node.timeOut(at: bench.now)
        let own = try #require(bench.node.session(again)).localDiscriminator
        try bench.hear(.down, your: 0)
        try bench.hear(.up, your: own)
        #expect(bench.node.session(again)?.state == .up)
    }

    @Test func `bug 7: expiry tells nobody about a session that is Down already`() throws {
        let bench = try Bench.up()
        try bench.hear(.down)
        bench.forget()
        bench.run(for: .seconds(30))
        #expect(bench.changes.isEmpty)
        #expect(try bench.variables.counters.downs == 1)
    }

    @Test func `bug 8: a path that works one way only never counts as Up`() throws {
        let pair = try Pair()
        pair.isCutFromA = true
        pair.run(for: .seconds(60))
        #expect(pair.a.changes.allSatisfy { $0.to != .up })
        #expect(pair.b.changes.isEmpty)
        #expect(pair.stateA == .initializing && pair.stateB == .down)
    }

    @Test func `a peer that says nothing but Init or Up from the start is not believed`() throws {
        let bench = try Bench()
        for state in [SessionState.initializing, .up] {
            #expect(try bench.hear(state, your: 0).reason == .yourDiscriminatorZeroBadState)
        }
        #expect(try bench.variables.state == .down)
    }

    @Test func `bug 9: a longer transmit interval is applied in the end`() throws {
        let pair = try Pair(.toBeta(interval: 100_000), .toAlpha(interval: 100_000))
        #expect(pair.runUntilUp(within: .seconds(5)))
        pair.run(for: .seconds(2))
        var configuration = SessionConfiguration.toBeta(interval: 100_000)
        configuration.desiredMinTxInterval = Microseconds(800_000)
        try pair.a.engine.update(pair.sessionA, to: configuration, at: pair.now)
        pair.run(for: .seconds(5))
        #expect(pair.variablesA?.transmitInterval == Microseconds(800_000))
        #expect(pair.variablesB?.detectionTime == .milliseconds(2_400))
        pair.forget()
        pair.run(for: .seconds(8))
        #expect(pair.a.sent.count { !$0.packet.final } <= 14)
        #expect(pair.b.changes.isEmpty)
    }

    @Test func `bug 12: a peer that talks a lot does not keep us from talking`() throws {
        let bench = try Bench.up(interval: 50_000)
        for index in 0..<4_000 {
            bench.run(for: .milliseconds(1))
            try bench.hear(.up, poll: index % 100 == 0)
        }
        let periodic = bench.sent.filter { !$0.packet.final }
        let gaps = zip(periodic.dropFirst(), periodic).map { $0.at - $1.at }
        #expect(periodic.count >= 80 && periodic.count <= 107)
        #expect(gaps.allSatisfy { $0 <= .milliseconds(50) })
        #expect(bench.sent.count { $0.packet.final } == 40)
    }

    @Test func `bug 14: hearing the peer for the first time does not double our rate`() throws {
        let bench = try Bench()
        bench.run(for: .milliseconds(300))
        try bench.hear(.adminDown)
        bench.forget()
        try bench.run(for: .seconds(20), hearing: .adminDown, every: .milliseconds(500))
        #expect(bench.sent.count >= 20 && bench.sent.count <= 27)
    }

    @Test func `bug 15: the fast rate begins with Up, not before`() throws {
        let bench = try Bench(.toBeta(interval: 10_000))
        bench.setPeerInterval(10_000)
        try bench.hear(.down, your: 0)
        bench.forget()
        try bench.run(for: .seconds(5), hearing: .down, every: .milliseconds(10))
        #expect(try bench.variables.state == .initializing)
        #expect(bench.sent.count <= 7)
    }

    @Test(arguments: [UInt8(1), 2, 5, 50, 255])
    func `bug 19, bug 22: the detection time takes the peer's multiplier, our packets take ours`(
        _ multiplier: UInt8
    ) throws {
        let bench = try Bench.up(multiplier: 7)
        bench.peer.detectMultiplier = multiplier
        try bench.hear(.up)
        let expected = Nanoseconds.milliseconds(300 * Int64(multiplier))
        #expect(try bench.variables.detectionTime == expected)
        let packet = try #require(bench.nextPacket(within: .milliseconds(300))).packet
        #expect(packet.detectMultiplier == 7)
    }

    @Test func `bug 23: large intervals times large multipliers do not wrap`() throws {
        let bench = try Bench.up()
        bench.peer.detectMultiplier = 200
        bench.peer.desiredMinTxInterval = Microseconds(60_000_000)
        try bench.hear(.up)
        #expect(try bench.variables.detectionTime == .seconds(12_000))
    }

    @Test func `bug 31: two sessions with one peer by two addresses of ours stay apart`() throws {
        let node = Node()
        let now = Instant(nanoseconds: 1_000_000_000)
        let handles = try [IPAddress.alpha, .stranger].map { own in
            let path = Path(destination: .beta, source: own)
            return try node.engine.addSession(SessionConfiguration(path: path), at: now)
        }
        node.timeOut(at: now)
        try node.engine.removeSession(handles[0], at: now)
        node.timeOut(at: now + .seconds(10))
        #expect(node.removed == [handles[0]])
        let packet = ControlPacket(
            diagnostic: .none, state: .down, detectMultiplier: 3, myDiscriminator: 5,
            yourDiscriminator: 0, desiredMinTxInterval: .second, requiredMinRxInterval: .second)
        let later = now + .seconds(11)
        for (own, reason) in [(IPAddress.alpha, DiscardReason.noSession), (.stranger, nil)] {
            let arrival = Arrival(
                source: .beta, destination: own, interfaceIndex: 7, hopLimit: 255,
                receivedAt: later)
            #expect(node.receive(encoded(packet), arrival, at: later).reason == reason)
        }
        #expect(node.session(handles[1])?.state == .initializing)
    }

    @Test func `bug 34: a peer's old discriminator is not used after its restart`() throws {
        let bench = try Bench.up()
        bench.peer.myDiscriminator = 0x9999_9999
        try bench.hear(.down, your: 0)
        #expect(bench.sent.last?.packet.yourDiscriminator == 0x9999_9999)
        try bench.hear(.down)
        #expect(bench.sent.last?.packet.yourDiscriminator == 0x9999_9999)
        #expect(try bench.variables.state == .initializing)
    }

    @Test func `bug 45: what the peer says of itself is seen, whatever our state`() throws {
        for state in SessionState.allCases {
            let bench = try Bench.inState(state)
            bench.peer.diagnostic = .forwardingPlaneReset
            bench.peer.detectMultiplier = 9
            try bench.hear(.adminDown)
            let session = try bench.variables
            #expect(session.remoteState == .adminDown)
            #expect(session.remoteDiagnostic == .forwardingPlaneReset)
            #expect(session.remoteDetectMultiplier == 9)
        }
    }

    @Test func `bug 29: a forger with right discriminators does not fell a strict session`() throws
    {
        let bench = try Bench.up()
        bench.arrival.source = .stranger
        for state in SessionState.allCases { try bench.hear(state) }
        #expect(try bench.variables.state == .up)
        #expect(bench.changes.isEmpty)
    }

    @Test func `bug 17: a stall sends one packet, not one for every slot that was missed`() throws {
        let bench = try Bench.up(interval: 10_000)
        let resumed = bench.now + .milliseconds(25)
        bench.node.timeOut(at: resumed)
        #expect(bench.sent.count == 1)
        let next = try #require(bench.nextDeadline)
        #expect(next > resumed)
    }
}
