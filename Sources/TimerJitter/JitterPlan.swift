public import LinuxSystem

/// Which cells to measure, and how long each.
public struct JitterPlan: Sendable {
    /// What else the machine does meanwhile.
    public enum Load: String, Sendable, CaseIterable {
        /// What it does anyway.
        case idle
        /// Every core is kept busy.
        case busy
        /// First the one, then the other.
        case both
    }

    /// In the order in which they are measured.
    public let cells: [JitterCell]

    /// The engine, whose lateness the verdict is about, gets as long as the others together.
    static let engineShare: Int64 = 3

    /// A plan that takes `duration` in all; spans are in nanoseconds.
    public init(
        priorities: [Int32], load: Load, interval: Int64, sessionCount: Int, duration: Int64
    ) {
        let loads: [Bool]
        switch load {
        case .idle: loads = [false]
        case .busy: loads = [true]
        case .both: loads = [false, true]
        }
        let others = Int64(TimerSource.allCases.count - 1)
        let shares = Int64(loads.count * priorities.count) * (others + Self.engineShare)
        cells = loads.flatMap { isLoaded in
            priorities.flatMap { priority in
                TimerSource.allCases.map { source in
                    JitterCell(
                        source: source, priority: priority, isLoaded: isLoaded,
                        interval: interval, sessionCount: source == .engine ? sessionCount : 1,
                        duration: duration / max(shares, 1)
                            * (source == .engine ? Self.engineShare : 1))
                }
            }
        }
    }

    /// Measures every cell, telling of each before it begins.
    public func measure(
        onBegin: (JitterCell, Int) -> Void
    ) throws(SystemError) -> [JitterMeasurement] {
        var measurements: [JitterMeasurement] = []
        for (index, cell) in cells.enumerated() {
            onBegin(cell, index)
            measurements.append(try JitterProbe.measure(cell))
        }
        return measurements
    }
}
