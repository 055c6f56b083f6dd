@testable import BFDCore
import Testing

@Suite("Our own lateness")
struct OwnLatenessTests {
    /// Up, with a peer that we wait for longer than it waits for us.
    private func up() throws -> Bench {
        let bench = try Bench.up(interval: 100_000)
        bench.peer.detectMultiplier = 5
        try bench.hear(.up)
        return bench
    }

    /// The peer gives us up, as its diagnostic says.
    private func giveUp(_ bench: Bench) throws -> StateChange {
        bench.forget()
        bench.peer.diagnostic = .controlDetectionTimeExpired
        try bench.hear(.down)
        let change = try #require(bench.changes.first)
        #expect(change.cause == .peerDown)
        return change
    }

    @Test func `a packet later than the peer waits for is told with its Down`() throws {
        let bench = try up()
        let due = try #require(bench.nextDeadline)
        let start = bench.now
        bench.pause(for: .milliseconds(400))
        try bench.hear(.up)
        let late = start + .milliseconds(400) - due
        #expect(try giveUp(bench).ownLatenessMicroseconds == UInt32(late.count / 1_000))
    }

    @Test func `a packet that has not left yet counts too`() throws {
        let bench = try up()
        bench.pass(.milliseconds(410))
        #expect(try giveUp(bench).ownLatenessMicroseconds >= 310_000)
    }

    @Test func `lateness that the peer can bear is not told`() throws {
        let bench = try Bench.up(interval: 100_000)
        bench.pause(for: .milliseconds(180))
        try bench.hear(.up)
        #expect(try giveUp(bench).ownLatenessMicroseconds == 0)
    }

    @Test func `lateness is forgotten after a detection time`() throws {
        let bench = try up()
        bench.pause(for: .milliseconds(400))
        try bench.hear(.up)
        try bench.run(for: .milliseconds(400), hearing: .up, every: .milliseconds(100))
        #expect(try giveUp(bench).ownLatenessMicroseconds == 0)
    }

    @Test func `silence while we were stopped is told with it`() throws {
        let bench = try Bench.up(interval: 100_000)
        bench.forget()
        bench.pause(for: .milliseconds(500))
        let change = try #require(bench.changes.first)
        #expect(change.cause == .detectionTimeExpired && change.ownLatenessMicroseconds > 0)
    }
}

@Suite("Lateness histograms")
struct LatenessReportTests {
    @Test func `quantiles are bounds of classes, and never beyond the largest`() {
        var histogram = LatenessHistogram()
        #expect(histogram.quantile(perMille: 500) == .zero)
        for _ in 0..<99 { histogram.note(Nanoseconds(10_000)) }
        histogram.note(.milliseconds(412))
        #expect(histogram.quantile(perMille: 500) == Nanoseconds(16_384))
        #expect(histogram.quantile(perMille: 990) == Nanoseconds(16_384))
        #expect(histogram.quantile(perMille: 1_000) == .milliseconds(412))
        #expect(histogram.count == 100)
    }
}

@Suite("Discards of a session")
struct SessionDiscardTests {
    @Test func `what a session may discard has a place of its own`() throws {
        var counters = SessionDiscardCounters()
        let counted = DiscardReason.allCases.filter { $0.index < 16 }
        for (number, reason) in counted.enumerated() {
            for _ in 0...number { counters.add(reason) }
        }
        #expect(counted.count == 16)
        #expect(counted.map { counters.count(of: $0) } == (1...16).map { UInt64($0) })
        #expect(Set(DiscardReason.allCases.map(\.index)).count == DiscardReason.allCases.count)
    }
}
