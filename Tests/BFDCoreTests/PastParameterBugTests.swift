import BFDCore
import Testing

/// Bugs of others about roles, states, timers and values.
@Suite("Bugs that others had: parameters and states")
struct PastParameterBugTests {
    @Test func `bug 3: a passive session is silent while it knows no discriminator`() throws {
        let bench = try Bench(.toBeta(role: .passive))
        bench.run(for: .seconds(30))
        #expect(bench.sent.isEmpty)
        try bench.hear(.down, your: 0)
        #expect(!bench.sent.isEmpty)
        bench.run(for: .seconds(10))
        bench.forget()
        bench.run(for: .seconds(30))
        #expect(bench.sent.isEmpty)
    }

    @Test func `bug 4: AdminDown of the peer is told apart from a failure`() throws {
        let bench = try Bench.up()
        try bench.hear(.adminDown)
        #expect(bench.changes.map(\.cause) == [.peerAdminDown])
        let failing = try Bench.up()
        try failing.hear(.down)
        #expect(failing.changes.map(\.cause) == [.peerDown])
    }

    @Test func `bug 5: each way to AdminDown has its own diagnostic`() throws {
        let ours = try Bench.up()
        try ours.disable()
        #expect(try ours.variables.localDiagnostic == .administrativelyDown)
        let theirs = try Bench.up()
        try theirs.hear(.adminDown)
        #expect(try theirs.variables.localDiagnostic == .neighborSignaledSessionDown)
    }

    @Test func `bug 6: a session that goes tells its peer at once, and again`() throws {
        let bench = try Bench.up()
        try bench.remove()
        #expect(bench.sent.first?.packet.state == .adminDown)
        #expect(bench.sent.first?.packet.diagnostic == .administrativelyDown)
        bench.run(for: .milliseconds(2_900))
        #expect(bench.sent.count >= 3)
        #expect(bench.sent.allSatisfy { $0.packet.state == .adminDown })
    }

    @Test func `bug 10: another multiplier needs no Poll`() throws {
        let bench = try Bench.up()
        try bench.update { $0.detectMultiplier = 5 }
        bench.run(for: .milliseconds(700))
        #expect(bench.sent.count >= 2)
        #expect(bench.sent.allSatisfy { !$0.packet.poll && $0.packet.detectMultiplier == 5 })
    }

    @Test func `bug 11: we send at the larger of our wish and the peer's limit`() throws {
        let bench = try Bench.up(interval: 100_000)
        bench.peer.requiredMinRxInterval = Microseconds(700_000)
        try bench.hear(.up)
        #expect(try bench.variables.transmitInterval == Microseconds(700_000))
        bench.peer.requiredMinRxInterval = Microseconds(20_000)
        try bench.hear(.up)
        #expect(try bench.variables.transmitInterval == Microseconds(100_000))
    }

    @Test(arguments: [UInt64](1...20))
    func `bug 16: the next packet is never further off than its interval`(_ seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let bench = try Bench.up(interval: 50_000, seed: seed)
        for _ in 0..<200 {
            let interval = Microseconds(UInt32(random.next(below: 2_000_000)) + 1)
            try bench.update { $0.desiredMinTxInterval = interval }
            try bench.hear(.up, final: random.next(below: 2) == 0)
            let next = try #require(bench.nextDeadline)
            let longest = try bench.variables.transmitInterval.nanoseconds
            #expect(next >= bench.now && next - bench.now <= longest)
            bench.run(for: Nanoseconds(Int64(random.next(below: 100_000_000))))
        }
    }

    @Test func `bug 18: a session made anew sends slowly, whatever it was told`() throws {
        let bench = try Bench(.toBeta(interval: 1_000))
        #expect(bench.sent.first?.packet.desiredMinTxInterval == .second)
        bench.run(for: .seconds(10))
        #expect(bench.gaps.allSatisfy { $0 >= .milliseconds(750) })
    }

    @Test(arguments: [UInt32(1), 249, 999, 1_001, 33_333, 4_294_967_295])
    func `bug 21: no interval is changed on its way into the packet`(_ interval: UInt32) throws {
        let bench = try Bench.up(interval: interval)
        try bench.hear(.up, poll: true)
        let packet = try #require(bench.sent.last).packet
        #expect(packet.desiredMinTxInterval == Microseconds(interval))
        #expect(packet.requiredMinRxInterval == Microseconds(interval))
    }

    @Test func `bug 28: version and C are read from their own bits`() throws {
        for first in UInt8.min...UInt8.max {
            var bytes = encoded(Bench.anyPacket)
            bytes[0] = first
            let packet = try? ControlPacket(decoding: bytes.span)
            #expect((packet != nil) == (first & 0xe0 == 0x20))
        }
        for bit in 0..<6 {
            var bytes = encoded(Bench.anyPacket)
            bytes[1] = 0xc0 | 1 << bit
            if bit == 2 { bytes[3] = 26 }
            let packet = try? ControlPacket(decoding: (bytes + [0, 0]).span)
            #expect(packet?.controlPlaneIndependent ?? false == (bit == 3))
        }
    }

    @Test func `bug 39: values outside their range are refused`() throws {
        let node = Node()
        let now = Instant(nanoseconds: 1)
        var wrong = [SessionConfiguration](repeating: .toBeta(), count: 4)
        wrong[0].desiredMinTxInterval = Microseconds(0)
        wrong[1].requiredMinRxInterval = Microseconds(0)
        wrong[2].detectMultiplier = 0
        wrong[3].minimumTTL = 0
        for configuration in wrong {
            #expect(throws: EngineError.self) {
                try node.engine.addSession(configuration, at: now)
            }
        }
        #expect(node.engine.sessionCount == 0)
    }
}

extension Bench {
    /// A good packet of a peer that is Up.
    static let anyPacket = ControlPacket(
        diagnostic: .none, state: .up, detectMultiplier: 3, myDiscriminator: 5,
        yourDiscriminator: 6, desiredMinTxInterval: .second, requiredMinRxInterval: .second)
}
