internal import BFDCore

/// The least and the greatest value that may be in effect.
struct IntervalRange: Sendable, BitwiseCopyable {
    var low: Int64
    var high: Int64

    init(_ interval: Microseconds) {
        low = interval.nanoseconds.count
        high = low
    }

    mutating func include(_ interval: Microseconds) {
        include(IntervalRange(interval))
    }

    mutating func include(_ other: IntervalRange) {
        low = min(low, other.low)
        high = max(high, other.high)
    }

    func atLeast(_ interval: Microseconds) -> IntervalRange {
        let least = interval.nanoseconds.count
        var range = self
        range.low = max(low, least)
        range.high = max(high, least)
        return range
    }
}

extension IntervalRange {
    init(low: Int64, high: Int64) {
        self.low = low
        self.high = high
    }
}
