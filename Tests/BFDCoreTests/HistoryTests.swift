import BFDCore
import Testing

/// Whatever a peer, an operator and the clock do, some things always hold.
@Suite("Any history")
struct HistoryTests {
    @Test(arguments: [UInt64](1...40))
    func `no history breaks what always holds`(_ seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let bench = try Bench(.toBeta(interval: 20_000), seed: seed)
        for _ in 0..<2_000 {
            try act(on: bench, &random)
            let session = try bench.variables
            #expect(session.localDiscriminator != 0)
            #expect(session.state == .up || session.desiredMinTxInterval >= .second)
            #expect(session.transmitInterval >= session.remoteMinRxInterval)
            #expect(bench.nextDeadline.map { $0 >= bench.now } != false)
        }
        var state = SessionState.down
        for change in bench.changes {
            #expect(change.from == state && change.to != state)
            state = change.to
        }
        #expect(try bench.variables.state == state)
        #expect(bench.changes.count > 20)
        for one in bench.sent {
            #expect(!(one.packet.poll && one.packet.final))
            #expect(one.packet.myDiscriminator != 0 && one.packet.detectMultiplier > 0)
            #expect(one.bytes[1] & 0x07 == 0 && one.bytes.count == 24)
        }
    }

    private func act(on bench: Bench, _ random: inout SplitMix64) throws {
        switch random.next(below: 12) {
        case 0: try bench.disable()
        case 1: try bench.enable()
        case 2:
            let interval = Microseconds(UInt32(random.next(below: 200_000)) + 1)
            try bench.update { $0.desiredMinTxInterval = interval }
        case 3:
            let interval = Microseconds(UInt32(random.next(below: 200_000)) + 1)
            try bench.update { $0.requiredMinRxInterval = interval }
        case 4: try bench.update { $0.detectMultiplier = UInt8(random.next(below: 255)) + 1 }
        case 5: bench.run(for: Nanoseconds(Int64(random.next(below: 3_000_000_000))))
        case 6:
            bench.hear((0..<24).map { _ in UInt8(truncatingIfNeeded: random.next()) })
        default:
            try hear(bench, &random)
            bench.run(for: Nanoseconds(Int64(random.next(below: 30_000_000))))
        }
    }

    /// A packet that is right in form and says anything.
    private func hear(_ bench: Bench, _ random: inout SplitMix64) throws {
        let states = SessionState.allCases
        let state = states[Int(random.next(below: UInt64(states.count)))]
        bench.peer.detectMultiplier = UInt8(random.next(below: 5)) + 1
        bench.peer.demand = random.next(below: 8) == 0
        let scale: UInt64 = random.next(below: 10) == 0 ? 1 << 32 : 100_000
        bench.peer.desiredMinTxInterval = Microseconds(
            UInt32(truncatingIfNeeded: random.next(below: scale)))
        bench.peer.requiredMinRxInterval = Microseconds(
            UInt32(truncatingIfNeeded: random.next(below: scale)))
        let isFinal = random.next(below: 4) == 0
        let isPoll = random.next(below: 4) == 0
        try bench.hear(
            state, your: random.next(below: 8) == 0 ? 0 : nil, poll: isPoll, final: isFinal)
    }
}
