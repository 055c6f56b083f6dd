/// What was seen of one cell.
public struct JitterMeasurement: Sendable {
    /// What was measured.
    public let cell: JitterCell
    /// From the deadline until we ran: the kernel's part.
    public let wakeUp: LatenessSamples
    /// From then until the last packet that was due had been sent: ours. Empty but for the engine.
    public let work: LatenessSamples
    /// From the deadline until all was done.
    public let lateness: LatenessSamples
    /// The packets sent.
    public let packetCount: Int
    /// What the thread used of processors, the kernel's part in its name included, in nanoseconds.
    public let processorTime: Int64

    /// A measurement by its values.
    public init(
        cell: JitterCell, wakeUp: LatenessSamples, work: LatenessSamples,
        lateness: LatenessSamples, packetCount: Int, processorTime: Int64
    ) {
        self.cell = cell
        self.wakeUp = wakeUp
        self.work = work
        self.lateness = lateness
        self.packetCount = packetCount
        self.processorTime = processorTime
    }

    /// Nanoseconds of processor time for each packet sent; `nil` without packets.
    public var processorTimePerPacket: Int64? {
        packetCount > 0 ? processorTime / Int64(packetCount) : nil
    }
}

/// Gathers what a thread sees while it measures.
struct JitterRecord {
    let end: Int64
    private var wakeUp: LatenessSamples
    private var work: LatenessSamples
    private var lateness: LatenessSamples
    private var packetCount = 0
    private let processorTimeBefore: Int64
    private let cell: JitterCell

    /// A million samples of each kind take 8 MiB.
    private static let mostSamples: Int64 = 1 << 20

    init(_ cell: JitterCell, now: Int64, processorTime: Int64) {
        self.cell = cell
        end = now + cell.duration
        let expected = cell.duration / max(cell.interval, 1) + 16
        // Engines with many sessions wake up more often than once an interval.
        let factor: Int64 = cell.source == .engine ? Int64(min(cell.sessionCount, 1_000)) : 1
        let capacity = Int(min(expected * 2 * factor, Self.mostSamples))
        wakeUp = LatenessSamples(capacity: capacity)
        work = LatenessSamples(capacity: cell.source == .engine ? capacity : 0)
        lateness = LatenessSamples(capacity: capacity)
        processorTimeBefore = processorTime
    }

    var isFull: Bool { lateness.isFull }

    /// A deadline that nothing had to be done for.
    mutating func note(_ deadline: Int64, wokenAt now: Int64) {
        wakeUp.note(now - deadline)
        lateness.note(now - deadline)
    }

    /// A deadline whose packets had been sent at `done`.
    mutating func note(_ deadline: Int64, wokenAt now: Int64, done: Int64, packets: Int) {
        wakeUp.note(now - deadline)
        work.note(done - now)
        lateness.note(done - deadline)
        packetCount += packets
    }

    func measurement(processorTime: Int64) -> JitterMeasurement {
        var (wakeUp, work, lateness) = (wakeUp, work, lateness)
        wakeUp.sort()
        work.sort()
        lateness.sort()
        return JitterMeasurement(
            cell: cell, wakeUp: wakeUp, work: work, lateness: lateness, packetCount: packetCount,
            processorTime: processorTime - processorTimeBefore)
    }
}
