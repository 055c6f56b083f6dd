/// Spans in nanoseconds, all of them kept, in memory that is there before the first one.
public struct LatenessSamples: Sendable {
    private var values: [Int64] = []
    private let capacity: Int

    init(capacity: Int) {
        self.capacity = capacity
        values.reserveCapacity(capacity)
    }

    /// Samples by their values.
    public init(_ values: [Int64]) {
        self.values = values.sorted()
        capacity = values.count
    }

    /// How many there are.
    public var count: Int { values.count }

    /// Whether no more can be kept.
    var isFull: Bool { values.count >= capacity }

    /// Keeps one; without room, nothing.
    mutating func note(_ span: Int64) {
        if values.count < capacity { values.append(span) }
    }

    /// To be called once, after the last note.
    mutating func sort() {
        values.sort()
    }

    /// The largest; `nil` without samples.
    public var maximum: Int64? { values.last }

    /// The value that a fraction of all does not exceed, such as 0.999.
    ///
    /// `nil` where too few samples lie beyond for the value to say anything: p99.9 takes 1,000.
    public func percentile(_ fraction: Double) -> Int64? {
        guard !values.isEmpty else { return nil }
        guard Double(count) * (1 - fraction) >= 0.999 else { return nil }
        let rank = Int((fraction * Double(count)).rounded(.up))
        return values[min(max(rank - 1, 0), count - 1)]
    }
}
