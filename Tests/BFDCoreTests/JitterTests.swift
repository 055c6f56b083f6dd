import Testing

@testable import BFDCore

@Suite("RFC 5880 §6.8.7: jitter, alone and in a crowd")
struct JitterTests {
    /// Intervals in microseconds, from the shortest to the longest that a packet can say.
    static let intervals: [UInt32] = [
        1, 2, 10, 999, 1_000, 10_000, 16_384, 50_000, 65_537, 300_000, 1_000_000, 60_000_000, .max,
    ]

    private static func session(multiplier: UInt8 = 3, in crowd: Crowd) -> Session {
        var session = Session(
            .toBeta(multiplier: multiplier), localDiscriminator: 1, at: Instant(nanoseconds: 0))
        session.crowd = crowd
        return session
    }

    /// What a timer is late by, at most, stays unused.
    private static func slack(_ span: Int64) -> Int64 { min(span / 400, 50_000) }

    /// The largest distance between what was drawn and an even distribution.
    private static func distance(_ drawn: [Double], from first: Double, to last: Double) -> Double {
        let count = Double(drawn.count)
        var largest = 0.0
        for (place, value) in drawn.sorted().enumerated() {
            let expected = min(max((value - first) / (last - first), 0), 1)
            largest = max(largest, Double(place + 1) / count - expected)
            largest = max(largest, expected - Double(place) / count)
        }
        return largest
    }

    @Test(arguments: intervals, [1, 2, 3, 255] as [UInt8])
    func `5880-6.8.7-01, 5880-6.8.7-03: three quarters at least, all of it or nine tenths at most`(
        _ interval: UInt32, _ multiplier: UInt8
    ) {
        for crowd in [Crowd.none, .small, .large] {
            var session = Self.session(multiplier: multiplier, in: crowd)
            let span = Microseconds(interval).nanoseconds.count
            // Among many sessions, what it takes to send them all stays unused at both ends.
            let margin = crowd.isCrowd ? span / 200 : 0
            let least = span / 4 * 3 + margin
            let most = (multiplier == 1 ? span / 10 * 9 : span) - max(margin, Self.slack(span))
            var random = SplitMix64(seed: UInt64(interval) &+ UInt64(multiplier))
            var outside = 0
            for _ in 0..<2_000 {
                let start = Instant(nanoseconds: Int64(random.next(below: 1 << 50)))
                let due = session.jittered(from: start, Microseconds(interval), &random)
                let gap = (due - start).count
                if gap < least || gap > most { outside += 1 }
            }
            #expect(outside == 0, "in a crowd: \(crowd)")
        }
    }

    @Test(arguments: [10_000, 300_000, 1_000_000] as [UInt32])
    func `5880-6.8.7-02: a hundred thousand gaps of a lone session are spread evenly`(
        _ interval: UInt32
    ) {
        var session = Self.session(in: .none)
        let span = Microseconds(interval).nanoseconds.count
        var random = SplitMix64(seed: 7)
        var start = Instant(nanoseconds: 1_000_000_000_000)
        var drawn: [Double] = []
        drawn.reserveCapacity(100_000)
        for _ in 0..<100_000 {
            let due = session.jittered(from: start, Microseconds(interval), &random)
            drawn.append(Double((due - start).count) / Double(span))
            start = due
        }
        #expect(Self.distance(drawn, from: 0.75, to: 1) < 0.03)
        let last = 1 - Double(Self.slack(span)) / Double(span)
        #expect(Self.distance(drawn, from: 0.75, to: last) < 0.007)
    }

    @Test(arguments: [1, 3] as [UInt8], [(Crowd.small, 2.0), (.large, 1.0)])
    func `5880-6.8.7-02: in a crowd they are spread as evenly, but for a hundredth`(
        _ multiplier: UInt8, _ size: (crowd: Crowd, steps: Double)
    ) {
        let interval: UInt32 = 300_000
        var session = Self.session(multiplier: multiplier, in: size.crowd)
        let span = Microseconds(interval).nanoseconds.count
        var random = SplitMix64(seed: 8)
        var drawn: [Double] = []
        for _ in 0..<20_000 {
            let start = Instant(nanoseconds: Int64(random.next(below: 1 << 50)))
            let due = session.jittered(from: start, Microseconds(interval), &random)
            drawn.append(Double((due - start).count) / Double(span))
        }
        let last = (multiplier == 1 ? 0.9 : 1) - 0.005
        // Half a step of the grid at most, on the average.
        let distance = Self.distance(drawn, from: 0.755, to: last)
        #expect(distance < (multiplier == 1 ? 0.07 : 0.04) * size.steps)
    }

    @Test(arguments: intervals, [(1, .large), (3, .large), (3, .small)] as [(UInt8, Crowd)])
    func `in a crowd every moment is a shared one`(
        _ interval: UInt32, _ kind: (multiplier: UInt8, crowd: Crowd)
    ) {
        var session = Self.session(multiplier: kind.multiplier, in: kind.crowd)
        let span = Microseconds(interval).nanoseconds.count
        // The largest power of two that is a sixty-fourth at most; never over a millisecond. Twice
        // that where there are few sessions.
        var grid: Int64 = 1
        while grid * 2 <= span / 64, grid < 1 << 20 { grid *= 2 }
        if kind.crowd == .small { grid *= 2 }
        var random = SplitMix64(seed: UInt64(interval))
        var aside = 0
        var moments: Set<Int64> = []
        for _ in 0..<2_000 {
            let start = Instant(nanoseconds: 1 << 50 + Int64(random.next(below: 1_000)))
            let due = session.jittered(from: start, Microseconds(interval), &random)
            if due.nanoseconds % grid != 0 { aside += 1 }
            moments.insert(due.nanoseconds)
        }
        #expect(aside == 0)
        // So many share a moment that there are no more than there is room for in a quarter.
        #expect(Int64(moments.count) <= (span / 4 + 1_000) / grid + 1)
    }

    @Test func `a lone session shares no moments`() {
        var session = Self.session(in: .none)
        var random = SplitMix64(seed: 3)
        let start = Instant(nanoseconds: 1 << 50)
        let moments = (0..<2_000).map { _ in
            session.jittered(from: start, Microseconds(300_000), &random).nanoseconds
        }
        #expect(Set(moments).count > 1_990)
        #expect(moments.count { $0 % 1_024 == 0 } < 20)
    }

    @Test(arguments: [(31, false), (32, true), (33, true)])
    func `thirty-two sessions are a crowd`(_ count: Int, _ isCrowd: Bool) throws {
        let node = Node(capacity: count)
        var now = Instant(nanoseconds: 1_000_000_000_007)
        for index in 0..<count {
            let path = Path(destination: IPAddress(ipv4: 0x0a09_0001 + UInt32(index)))
            _ = try node.engine.addSession(SessionConfiguration(path: path), at: now)
        }
        let end = now + .seconds(20)
        while let deadline = node.engine.nextDeadline, deadline <= end {
            now = max(now, deadline)
            node.timeOut(at: now)
        }
        // A second's interval: moments two to the twentieth nanoseconds apart.
        let later = node.sent.filter { $0.at > end - .seconds(15) }
        #expect(later.count > count * 10)
        let shared = later.count { $0.at.nanoseconds % (1 << 20) == 0 }
        #expect(isCrowd ? shared == later.count : shared < later.count / 10)
    }
}
