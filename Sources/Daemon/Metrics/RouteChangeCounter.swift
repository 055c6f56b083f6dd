internal import ControlProtocol
internal import RouteController

/// Counts what happens to routes, and how long the kernel takes.
struct RouteChangeCounter {
    /// From 16 µs on, doubling, to half a second.
    private static let classCount = 17

    private var counts: [String: UInt64] = [:]
    private var classes = [UInt64](repeating: 0, count: classCount)
    private var sum: Int64 = 0
    private var maximum: Int64 = 0

    /// Notes an event.
    mutating func note(_ event: RouteEvent) {
        counts[event.kind.rawValue, default: 0] += UInt64(max(event.routeCount, 1))
        guard let duration = event.kernelNanoseconds.map({ max($0, 0) }) else { return }
        sum += duration
        maximum = max(maximum, duration)
        let place = (0..<Self.classCount).first { duration <= Self.bound($0) ?? .max }
        if let place { classes[place] += 1 }
    }

    /// How things stand.
    var status: RouteChanges {
        RouteChanges(
            counts: counts,
            duration: LatenessStatus(
                count: classes.reduce(0, +), sum: sum, median: quantile(500),
                percentile99: quantile(990), maximum: maximum,
                buckets: classes.enumerated().map { number, count in
                    .init(upperBound: Self.bound(number), count: count)
                }))
    }

    private static func bound(_ number: Int) -> Int64? {
        number == classCount - 1 ? nil : 16_384 << Int64(number)
    }

    private func quantile(_ perMille: UInt64) -> Int64 {
        let rank = (classes.reduce(0, +) * perMille + 999) / 1_000
        var passed: UInt64 = 0
        for (number, count) in classes.enumerated() {
            passed += count
            if passed >= rank, let bound = Self.bound(number) { return min(bound, maximum) }
        }
        return maximum
    }
}
