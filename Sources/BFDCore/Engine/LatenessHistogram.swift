/// How late things happened, in fixed memory and at the cost of an addition.
///
/// The bounds are those of a Prometheus histogram; whoever prints it makes the buckets cumulative.
public struct LatenessHistogram: Sendable, BitwiseCopyable {
    /// How many classes there are; the last one has no upper bound.
    public static var classCount: Int { 16 }

    /// The sum of all that was noted.
    public private(set) var sum = Nanoseconds.zero
    /// The largest that was noted.
    public private(set) var maximum = Nanoseconds.zero
    private var counts = InlineArray<16, UInt32>(repeating: 0)

    @_noAllocation @_noLocks
    init() {}

    /// What a class holds at most, itself included; `nil` for the last class.
    ///
    /// From 8 µs, doubling, to 131 ms.
    public static func upperBound(ofClass number: Int) -> Nanoseconds? {
        precondition(number >= 0 && number < classCount)
        return number == classCount - 1 ? nil : Nanoseconds(8_192 << Int64(number))
    }

    /// How many were noted in a class.
    public func count(ofClass number: Int) -> UInt32 {
        counts[number]
    }

    /// How many were noted in all.
    public var count: UInt64 {
        var total: UInt64 = 0
        for number in 0..<Self.classCount { total += UInt64(counts[number]) }
        return total
    }

    /// What so many of a thousand were at most: the bound of a class, or the largest of all.
    public func quantile(perMille: UInt64) -> Nanoseconds {
        precondition(perMille <= 1_000)
        let rank = (count * perMille + 999) / 1_000
        var passed: UInt64 = 0
        for number in 0..<Self.classCount {
            passed += UInt64(counts[number])
            guard passed >= rank, let bound = Self.upperBound(ofClass: number) else { continue }
            return min(bound, maximum)
        }
        return maximum
    }

    /// Adds what another engine has noted.
    public mutating func add(_ other: LatenessHistogram) {
        for number in 0..<Self.classCount { counts[number] &+= other.counts[number] }
        sum = sum + other.sum
        maximum = max(maximum, other.maximum)
    }

    /// Notes one; less than nothing counts as nothing.
    @_noAllocation @_noLocks
    mutating func note(_ lateness: Nanoseconds) {
        let span = lateness.count > 0 ? lateness.count : 0
        // The bits above the first bound's: none for the first class, one for the second.
        let units = UInt64(truncatingIfNeeded: span > 0 ? span - 1 : 0) >> 13
        let width = 64 - units.leadingZeroBitCount
        counts[width < 15 ? width : 15] &+= 1
        sum = sum + Nanoseconds(span)
        if maximum.count < span { maximum = Nanoseconds(span) }
    }
}
