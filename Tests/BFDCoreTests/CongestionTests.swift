import BFDCore
import Testing

@Suite("RFC 5880 §7: congestion control")
struct CongestionTests {
    private func adaptive(interval: UInt32 = 100_000) throws -> Bench {
        var configuration = SessionConfiguration.toBeta(interval: interval)
        configuration.adaptsToCongestion = true
        let bench = try Bench(configuration)
        try bench.bringUp(interval: interval)
        return bench
    }

    /// Silence until the session fails, then Up again; the Poll of that is answered.
    private func flap(_ bench: Bench) throws {
        bench.run(for: .seconds(4))
        #expect(try bench.variables.state == .down)
        try bench.hear(.down)
        bench.forget()
        try bench.hear(.up)
        #expect(try bench.variables.state == .up)
        let first = try #require(bench.sent.first)
        #expect(first.packet.poll)
        try bench.hear(.up, final: true)
        try bench.hear(.up)
    }

    private func intervals(_ bench: Bench) throws -> [UInt32] {
        let session = try bench.variables
        return [session.desiredMinTxInterval.count, session.requiredMinRxInterval.count]
    }

    @Test func `5880-7-01: three failures in a minute double both intervals, by a Poll`() throws {
        let bench = try adaptive()
        try flap(bench)
        try flap(bench)
        #expect(try intervals(bench) == [100_000, 100_000])
        #expect(try bench.variables.congestionLevel == 0)
        try flap(bench)
        #expect(try intervals(bench) == [200_000, 200_000])
        #expect(try bench.variables.congestionLevel == 1)
        #expect(bench.sent.first?.packet.desiredMinTxInterval == Microseconds(200_000))
        for _ in 0..<3 { try flap(bench) }
        #expect(try intervals(bench) == [400_000, 400_000])
    }

    @Test func `5880-7-01: there are no intervals beyond a second`() throws {
        let bench = try adaptive(interval: 700_000)
        for _ in 0..<12 { try flap(bench) }
        #expect(try intervals(bench) == [1_000_000, 1_000_000])
        #expect(try bench.variables.congestionLevel == 1)
        let slow = try adaptive(interval: 2_000_000)
        for _ in 0..<3 {
            slow.run(for: .seconds(8))
            try slow.hear(.down)
            try slow.hear(.up)
        }
        #expect(try intervals(slow) == [2_000_000, 2_000_000])
        #expect(try slow.variables.congestionLevel == 0)
    }

    @Test func `5880-7-01: failures far apart are no congestion`() throws {
        let bench = try adaptive()
        for _ in 0..<6 {
            try flap(bench)
            try bench.run(for: .seconds(40), hearing: .up, every: .milliseconds(100))
        }
        #expect(try bench.variables.congestionLevel == 0)
    }

    @Test func `5880-7-01: ten quiet minutes take one doubling back, by a Poll`() throws {
        let bench = try adaptive()
        for _ in 0..<6 { try flap(bench) }
        #expect(try bench.variables.congestionLevel == 2)
        try bench.run(for: .seconds(590), hearing: .up, every: .milliseconds(100))
        #expect(try bench.variables.congestionLevel == 2)
        bench.forget()
        try bench.run(for: .seconds(10), hearing: .up, every: .milliseconds(100))
        #expect(try bench.variables.congestionLevel == 1)
        #expect(bench.sent.contains { $0.packet.poll })
        try bench.hear(.up, final: true)
        #expect(try intervals(bench) == [200_000, 200_000])
        try bench.run(for: .seconds(600), hearing: .up, every: .milliseconds(100))
        try bench.hear(.up, final: true)
        #expect(try intervals(bench) == [100_000, 100_000])
        #expect(try bench.variables.state == .up && bench.changes.isEmpty)
    }

    @Test func `5880-7-01: a single hop adapts only when it is told to`() throws {
        let bench = try Bench.up(interval: 100_000)
        for _ in 0..<4 { try flap(bench) }
        try bench.stall(for: .milliseconds(60))
        #expect(try bench.variables.congestionLevel == 0)
        let other = try adaptive()
        for _ in 0..<3 { try flap(other) }
        try other.update { $0.adaptsToCongestion = false }
        #expect(try other.variables.congestionLevel == 0)
        #expect(try intervals(other) == [100_000, 100_000])
    }

    @Test func `5880-7-02: packets that leave late are overload`() throws {
        let bench = try adaptive()
        try bench.stall(for: .milliseconds(50))
        #expect(try bench.variables.congestionLevel == 0)
        try bench.hear(.up)
        bench.forget()
        try bench.stall(for: .milliseconds(51))
        #expect(try bench.variables.congestionLevel == 1)
        #expect(bench.sent.map(\.packet.poll) == [true])
        #expect(bench.sent.first?.packet.desiredMinTxInterval == Microseconds(200_000))
        // Until the peer knows, the old interval stays, and a second stall adds nothing.
        try bench.hear(.up)
        try bench.stall(for: .milliseconds(51))
        #expect(try bench.variables.congestionLevel == 1)
        try bench.hear(.up, final: true)
        try bench.hear(.up)
        bench.forget()
        try bench.run(for: .seconds(5), hearing: .up, every: .milliseconds(100))
        #expect(bench.gaps.allSatisfy { $0 >= .milliseconds(150) })
        #expect(bench.changes.isEmpty)
    }
}

extension Bench {
    /// Serves the next deadline late by a span, the peer being heard all the same.
    fileprivate func stall(for span: Nanoseconds) throws {
        let due = try #require(nextDeadline)
        run(for: due - now - Nanoseconds(1))
        try hear(.up)
        pause(for: span + Nanoseconds(1))
    }
}
