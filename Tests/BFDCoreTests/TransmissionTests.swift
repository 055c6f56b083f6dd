import BFDCore
import Testing

@Suite("RFC 5880 §6.8.7: transmission")
struct TransmissionTests {
    @Test func `5880-6.8.7-01, 5880-6.8.7-02: ten thousand gaps are jittered evenly`() throws {
        let bench = try Bench.up(interval: 10_000)
        try bench.run(for: .seconds(90), hearing: .up, every: .milliseconds(10))
        let gaps = bench.gaps.map(\.count)
        #expect(gaps.count >= 10_000)
        #expect(gaps.allSatisfy { $0 >= 7_500_000 && $0 <= 10_000_000 })
        let mean = Double(gaps.reduce(0, +)) / Double(gaps.count)
        #expect(abs(mean / 8_750_000 - 1) < 0.01)
        // Every tenth of the range gets its share.
        var tenths = [Int](repeating: 0, count: 10)
        for gap in gaps { tenths[min(9, Int(gap - 7_500_000) / 250_000)] += 1 }
        #expect(tenths.allSatisfy { abs($0 * 10 - gaps.count) < gaps.count / 5 })
        #expect(Set(gaps).count > 9_000)
    }

    @Test func `5880-6.8.7-02: two sessions never fall into step`() throws {
        let gaps = try [UInt64(1), 2].map { seed in
            let bench = try Bench.up(seed: seed)
            try bench.run(for: .seconds(60), hearing: .up, every: .milliseconds(300))
            return bench.gaps.map(\.count)
        }
        #expect(gaps[0].count > 200)
        #expect(zip(gaps[0], gaps[1]).count { $0 == $1 } < 3)
    }

    @Test func `5880-6.8.7-03: with a multiplier of one at least a tenth is left`() throws {
        let bench = try Bench.up(interval: 10_000, multiplier: 1)
        try bench.run(for: .seconds(20), hearing: .up, every: .milliseconds(10))
        let gaps = bench.gaps.map(\.count)
        #expect(gaps.count >= 2_000)
        #expect(gaps.allSatisfy { $0 >= 7_500_000 && $0 <= 9_000_000 })
        #expect(gaps.contains { $0 > 8_900_000 } && gaps.contains { $0 < 7_600_000 })
    }

    @Test func `5880-6.8.7-03: a new multiplier counts from the next gap`() throws {
        let bench = try Bench.up(interval: 10_000)
        try bench.update { $0.detectMultiplier = 1 }
        _ = bench.nextPacket(within: .milliseconds(10))
        bench.forget()
        try bench.run(for: .seconds(10), hearing: .up, every: .milliseconds(5))
        #expect(bench.gaps.count >= 1_000)
        #expect(bench.gaps.allSatisfy { $0 <= .milliseconds(9) })
    }

    @Test func `5880-6.8.7-05: passive and unheard again, nothing is sent`() throws {
        let bench = try Bench(.toBeta(role: .passive))
        try bench.bringUp()
        #expect(try bench.variables.state == .up)
        bench.run(for: .milliseconds(899))
        bench.forget()
        bench.run(for: .seconds(60))
        #expect(bench.changes.map(\.to) == [.down])
        #expect(bench.sent.isEmpty)
    }

    @Test func `5880-6.8.7-08: a peer that wants nothing gets nothing`() throws {
        let bench = try Bench.up()
        bench.peer.requiredMinRxInterval = Microseconds(0)
        try bench.run(for: .seconds(10), hearing: .up, every: .milliseconds(500))
        #expect(bench.sent.count <= 2)
        bench.forget()
        try bench.run(for: .seconds(10), hearing: .up, every: .milliseconds(500))
        #expect(bench.sent.isEmpty)
        bench.peer.requiredMinRxInterval = Microseconds(300_000)
        try bench.hear(.up)
        #expect(bench.nextPacket(within: .milliseconds(300)) != nil)
    }

    @Test func `5880-6.8.7-09: a peer in Init is not in Demand yet, whatever it says`() throws {
        let bench = try Bench()
        try bench.hear(.down, your: 0)
        bench.setPeerInterval(300_000)
        bench.peer.demand = true
        try bench.hear(.initializing)
        #expect(try bench.variables.state == .up)
        bench.run(for: .milliseconds(300))
        try bench.hear(.initializing, final: true)
        try bench.hear(.initializing)
        bench.forget()
        bench.run(for: .milliseconds(600))
        #expect(bench.sent.count >= 2)
    }

    @Test func `5880-6.8.7-09: in remote Demand only a Poll is sent, at the interval`() throws {
        let bench = try Bench.up()
        bench.peer.demand = true
        try bench.run(for: .seconds(2), hearing: .up, every: .milliseconds(300))
        bench.forget()
        try bench.update { $0.desiredMinTxInterval = Microseconds(400_000) }
        try bench.run(for: .seconds(3), hearing: .up, every: .milliseconds(300))
        #expect(bench.sent.count >= 8)
        #expect(bench.sent.allSatisfy { $0.packet.poll })
        #expect(bench.gaps.allSatisfy { $0 >= .milliseconds(225) })
        try bench.hear(.up, final: true)
        bench.forget()
        try bench.run(for: .seconds(3), hearing: .up, every: .milliseconds(300))
        #expect(bench.sent.isEmpty)
    }

    @Test(arguments: SessionState.allCases)
    func `5880-6.8.7-10: a P is answered at once in every state`(_ state: SessionState) throws {
        let bench = try Bench.inState(state)
        try bench.hear(state == .up ? .up : .adminDown, poll: true)
        let finals = bench.sent.filter(\.packet.final)
        #expect(finals.map(\.at) == [bench.now])
        #expect(finals.allSatisfy { $0.packet.yourDiscriminator == 0x1122_3344 })
    }

    @Test func `5880-6.8.7-10: a P is answered in Demand and where no packet is wanted`() throws {
        let demanding = try Bench.up()
        demanding.peer.demand = true
        try demanding.hear(.up, poll: true)
        #expect(demanding.sent.map(\.packet.final) == [true])
        let quiet = try Bench.up()
        quiet.peer.requiredMinRxInterval = Microseconds(0)
        try quiet.hear(.up, poll: true)
        #expect(quiet.sent.map(\.packet.final) == [true])
    }

    @Test func `5880-6.8.7-10: an answer does not delay the periodic packets`() throws {
        let quiet = try Bench.up(seed: 4)
        let asked = try Bench.up(seed: 4)
        for (bench, isPoll) in [(quiet, false), (asked, true)] {
            for _ in 0..<20 {
                bench.run(for: .milliseconds(100))
                try bench.hear(.up, poll: isPoll)
            }
        }
        #expect(asked.sent.filter(\.packet.final).count >= 10)
        let periodic = asked.sent.filter { !$0.packet.final }
        #expect(periodic.count >= 6)
        #expect(periodic.map(\.at) == quiet.sent.map(\.at))
    }

    @Test func `5880-6.8.7-11: a flood of Polls is answered at a limited rate`() throws {
        let bench = try Bench.up(interval: 100_000)
        for _ in 0..<100 {
            bench.run(for: .milliseconds(10))
            #expect(try bench.hear(.up, poll: true).reason == nil)
        }
        let finals = bench.sent.count { $0.packet.final }
        #expect(finals >= 10 && finals <= 20)
        #expect(try bench.variables.counters.finalsWithheld == UInt32(100 - finals))
        #expect(try bench.variables.state == .up)
    }

    @Test func `5880-6.8.7-13: a changed state does not wait for its slot`() throws {
        let bench = try Bench.up()
        try bench.hear(.down)
        #expect(bench.sent.map(\.packet.state) == [.down])
        #expect(bench.sent.map(\.at) == [bench.now])
        // The slot counts from there.
        let next = try #require(bench.nextPacket(within: .seconds(1)))
        #expect(next.at - bench.sent[0].at >= .milliseconds(750))
    }

    @Test func `5880-6.8.7-13: an answer that tells of the change counts as its packet`() throws {
        let bench = try Bench()
        bench.run(for: .milliseconds(600))
        bench.forget()
        try bench.hear(.down, your: 0, poll: true)
        #expect(bench.sent.map(\.packet.final) == [true])
        let next = try #require(bench.nextPacket(within: .seconds(1)))
        #expect(next.at - bench.sent[0].at >= .milliseconds(750))
    }

    @Test func `a Poll to a peer that wants nothing is one packet`() throws {
        let bench = try Bench.up()
        bench.peer.requiredMinRxInterval = Microseconds(0)
        try bench.hear(.up)
        bench.forget()
        try bench.update { $0.requiredMinRxInterval = Microseconds(400_000) }
        #expect(bench.sent.map(\.packet.poll) == [true])
        try bench.run(for: .seconds(10), hearing: .up, every: .milliseconds(300))
        #expect(bench.sent.count == 1)
        // So it is when the Poll had to wait for the peer to be heard.
        bench.run(for: .seconds(3))
        #expect(try bench.variables.state == .down)
        bench.forget()
        try bench.hear(.adminDown)
        #expect(bench.sent.map(\.packet.poll) == [true])
    }

    @Test func `5880-6.8.7-14: version, diagnostic, state, P and F as they are`() throws {
        let bench = try Bench.up()
        try bench.hear(.down)
        #expect(bench.sent.last.map { Array($0.bytes[..<2]) } == [0b001_00011, 0b01_100000])
        try bench.hear(.down)
        #expect(bench.sent.last.map { Array($0.bytes[..<2]) } == [0b001_00011, 0b10_100000])
        try bench.hear(.up, poll: true)
        #expect(bench.sent.last.map { Array($0.bytes[..<2]) } == [0b001_00011, 0b11_010000])
    }

    @Test func `5880-6.8.7-15: no C, A, D or M by default`() throws {
        let bench = try Bench.up()
        try bench.hear(.up, poll: true)
        try bench.run(for: .seconds(1), hearing: .up, every: .milliseconds(200))
        #expect(bench.sent.count >= 4)
        #expect(bench.sent.allSatisfy { $0.bytes[1] & 0x0f == 0 })
    }

    @Test func `5880-6.8.7-16: Detect Mult is ours, Length is 24`() throws {
        let bench = try Bench.up(multiplier: 9)
        let bytes = try #require(bench.nextPacket(within: .milliseconds(300))).bytes
        #expect(Array(bytes[2..<4]) == [9, 24])
    }

    @Test func `5880-6.8.7-17: both discriminators`() throws {
        var configuration = SessionConfiguration.toBeta()
        configuration.localDiscriminator = 0xa1b2_c3d4
        let bench = try Bench(configuration)
        try bench.bringUp()
        let bytes = try #require(bench.nextPacket(within: .milliseconds(300))).bytes
        #expect(Array(bytes[4..<12]) == [0xa1, 0xb2, 0xc3, 0xd4, 0x11, 0x22, 0x33, 0x44])
    }

    @Test func `5880-6.8.7-18: during a Poll the packets say the new intervals`() throws {
        let bench = try Bench.up()
        try bench.update {
            $0.desiredMinTxInterval = Microseconds(400_000)
            $0.requiredMinRxInterval = Microseconds(200_000)
        }
        let bytes = try #require(bench.nextPacket(within: .milliseconds(300))).bytes
        #expect(Array(bytes[12..<20]) == [0, 0x06, 0x1a, 0x80, 0, 0x03, 0x0d, 0x40])
        #expect(try bench.variables.transmitInterval == Microseconds(300_000))
        #expect(try bench.variables.detectionTime == .milliseconds(900))
    }

    @Test func `5880-6.8.7-19: no Echo is looped, so its interval is zero`() throws {
        let bench = try Bench.up()
        let bytes = try #require(bench.nextPacket(within: .milliseconds(300))).bytes
        #expect(Array(bytes[20..<24]) == [0, 0, 0, 0])
    }
}
