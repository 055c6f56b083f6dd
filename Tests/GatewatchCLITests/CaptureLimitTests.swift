import Testing

@testable import GatewatchCLI

/// When a capture is over.
@Suite struct CaptureLimitTests {
    private static let second: Int64 = 1_000_000_000

    private func moment(_ monotonic: Int64, clock: Int64) -> CaptureLimit.Moment {
        CaptureLimit.Moment(monotonic: monotonic * Self.second, realtime: clock * Self.second)
    }

    @Test(arguments: [-3_600, 0, 3_600] as [Int64])
    func `The clock is set: it ends when its time has passed, not before`(_ step: Int64) {
        var limit = CaptureLimit(nanoseconds: 10 * Self.second, from: 100 * Self.second)
        limit.look(at: moment(101, clock: 5_001), isStopped: false)
        limit.look(at: moment(109, clock: 5_009 + step), isStopped: false)
        #expect(limit.includes(realtime: (5_009 + step) * Self.second))
        #expect(limit.includes(realtime: 5_009 * Self.second))
        #expect(!limit.isOver(at: moment(109, clock: 5_009 + step)))
        // Looked at too late: what came after its end is left out all the same.
        limit.look(at: moment(112, clock: 5_012 + step), isStopped: false)
        #expect(limit.includes(realtime: (5_010 + step) * Self.second))
        #expect(!limit.includes(realtime: (5_010 + step) * Self.second + 1))
        #expect(limit.isOver(at: moment(112, clock: 5_012 + step)))
    }

    @Test func `Stopped by hand: what was under way still comes`() {
        var limit = CaptureLimit(nanoseconds: nil, from: 100 * Self.second)
        limit.look(at: moment(900, clock: 5_800), isStopped: false)
        #expect(limit.includes(realtime: 9_999 * Self.second))
        limit.look(at: moment(901, clock: 5_801), isStopped: true)
        limit.look(at: moment(902, clock: 5_802), isStopped: true)
        #expect(limit.includes(realtime: 5_801 * Self.second))
        #expect(!limit.includes(realtime: 5_802 * Self.second))
        #expect(!limit.isOver(at: moment(901, clock: 5_801)))
        #expect(limit.isOver(at: moment(902, clock: 5_802)))
    }
}
