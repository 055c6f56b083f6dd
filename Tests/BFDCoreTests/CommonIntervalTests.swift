import BFDCore
import Testing

@Suite("RFC 7419: common intervals")
struct CommonIntervalTests {
    @Test(arguments: [UInt32(3_300), 10_000, 20_000, 50_000, 100_000, 1_000_000])
    func `7419-3-01: a common interval is met within the jitter`(_ interval: UInt32) throws {
        let bench = try Bench.up(interval: interval)
        let span = Nanoseconds(Int64(interval) * 1_000)
        try bench.run(for: span * 100, hearing: .up, every: span)
        #expect(try bench.variables.state == .up)
        #expect(bench.sent.count >= 100)
        #expect(bench.gaps.allSatisfy { span * 3 <= $0 * 4 && $0 <= span })
        #expect(bench.sent.allSatisfy { $0.packet.desiredMinTxInterval.count == interval })
        #expect(try bench.variables.detectionTime == span * 3)
    }

    @Test func `7419-3-02: ten seconds 255 times are a detection time of 2550 s`() throws {
        let bench = try Bench(.toBeta(interval: 10_000_000, multiplier: 255))
        bench.peer.detectMultiplier = 255
        try bench.bringUp(interval: 10_000_000)
        #expect(try bench.variables.detectionTime == .seconds(2_550))
        bench.run(for: .seconds(2_549))
        #expect(try bench.variables.state == .up)
        bench.run(for: .seconds(1))
        #expect(try bench.variables.state == .down)
        #expect(bench.changes.last?.localDiagnostic == .controlDetectionTimeExpired)
    }

    @Test func `7419-3-03: any number of microseconds is met, and none is rounded down`() throws {
        let bench = try Bench.up(interval: 1_000)
        bench.setPeerInterval(33_333)
        try bench.hear(.up)
        #expect(try bench.variables.transmitInterval.count == 33_333)
        #expect(try bench.variables.detectionTime == Nanoseconds(3 * 33_333_000))
        let span = Nanoseconds(33_333_000)
        bench.run(for: .milliseconds(1))
        bench.forget()
        try bench.run(for: span * 50, hearing: .up, every: span)
        #expect(bench.gaps.allSatisfy { span * 3 <= $0 * 4 && $0 <= span })
    }

    @Test func `7419-A-01: the slow interval is one second to the microsecond`() throws {
        let bench = try Bench(.toBeta(interval: 3_300))
        bench.run(for: .seconds(3))
        #expect(bench.sent.count >= 3)
        #expect(bench.sent.allSatisfy { Array($0.bytes[12..<16]) == [0, 0x0f, 0x42, 0x40] })
    }
}
