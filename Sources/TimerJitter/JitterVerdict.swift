/// The shortest detection time that a machine can promise, from what was measured of the engine.
///
/// A peer declares us down when nothing arrives for the multiplier times the interval. With a
/// multiplier of three or more, one packet may be lost on the way and we may be late besides: two
/// intervals and our lateness have to fit into three. A short measurement does not see the worst,
/// so what has to fit is twice the worst seen.
public struct JitterVerdict: Sendable {
    /// The scheduling that the promise needs.
    public let priority: Int32
    /// The interval to configure, in microseconds; `nil` if none up to a second will do.
    public let intervalMicroseconds: Int64?
    /// The multiplier to configure.
    public let multiplier: Int
    /// The sessions that the promise holds for.
    public let sessionCount: Int
    /// What kept the interval from being shorter.
    public let limit: Limit
    /// The measurement with the greatest lateness.
    public let worst: JitterMeasurement
    /// How many times the engine woke up in all measurements that count.
    public let wakeUpCount: Int

    /// What an interval cannot be shorter for.
    public enum Limit: String, Sendable {
        /// How late we are.
        case lateness
        /// What the packets of all sessions take of one core.
        case processor
        /// It is the shortest interval there is.
        case shortest
    }

    /// The detection time, in microseconds.
    public var detectionMicroseconds: Int64? {
        intervalMicroseconds.map { $0 * Int64(multiplier) }
    }

    /// The intervals that are promised: what people configure.
    public static let intervals: [Int64] = [
        250, 300, 500, 1_000, 2_000, 3_000, 5_000, 10_000, 20_000, 30_000, 50_000, 100_000,
        150_000, 200_000, 300_000, 500_000, 1_000_000,
    ]

    /// Judges the engine's measurements of one priority; `nil` where there are none.
    public init?(_ measurements: [JitterMeasurement], priority: Int32, multiplier: Int) {
        let counted = measurements.filter {
            $0.cell.source == .engine && $0.cell.priority == priority && $0.lateness.count > 0
        }
        let byLateness = counted.max { ($0.lateness.maximum ?? 0) < ($1.lateness.maximum ?? 0) }
        guard let worst = byLateness else { return nil }
        self.priority = priority
        self.multiplier = multiplier
        self.worst = worst
        sessionCount = counted.map(\.cell.sessionCount).max() ?? 0
        wakeUpCount = counted.map(\.wakeUp.count).reduce(0, +)
        let fast = Self.shortest { interval in
            Self.margin(of: interval, multiplier) >= 2 * (worst.lateness.maximum ?? 0)
        }
        // A packet received costs about what a packet sent does; half a core is left to others.
        let cost = 2 * (counted.compactMap(\.processorTimePerPacket).max() ?? 0)
        let sessions = Int64(sessionCount)
        let cheap = Self.shortest { interval in cost * sessions * 2 <= interval * 1_000 }
        guard let fast, let cheap else {
            intervalMicroseconds = nil
            limit = fast == nil ? .lateness : .processor
            return
        }
        let interval = max(fast, cheap)
        intervalMicroseconds = interval
        limit = interval == Self.intervals[0] ? .shortest : fast < cheap ? .processor : .lateness
    }

    private static func shortest(_ isLongEnough: (Int64) -> Bool) -> Int64? {
        intervals.first(where: isLongEnough)
    }

    /// How late a packet may be in nanoseconds without harm, at an interval in microseconds.
    static func margin(of interval: Int64, _ multiplier: Int) -> Int64 {
        switch multiplier {
        // The jitter of RFC 5880 §6.8.7 leaves a tenth; there is no packet to lose.
        case ...1: interval * 100
        case 2: interval * 1_000
        default: interval * 1_000 * Int64(multiplier - 2)
        }
    }
}
