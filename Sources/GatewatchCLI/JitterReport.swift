internal import Foundation
internal import LinuxSystem
internal import TimerJitter

/// What `jitter` has to tell, whatever form it is told in.
struct JitterReport {
    let measurements: [JitterMeasurement]
    /// The best promise first.
    let verdicts: [JitterVerdict]
    /// The priority that the kernel did not let us have; `nil` when it did, or nobody asked.
    let refusedPriority: Int32?

    init(measurements: [JitterMeasurement], multiplier: Int, refusedPriority: Int32?) {
        self.measurements = measurements
        self.refusedPriority = refusedPriority
        let priorities = Set(measurements.map(\.cell.priority)).sorted(by: >)
        verdicts = priorities.compactMap {
            JitterVerdict(measurements, priority: $0, multiplier: multiplier)
        }
    }

    /// What a percentile is called, and which fraction it is.
    static let percentiles: [(name: String, fraction: Double)] = [
        ("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p99.9", 0.999), ("p99.99", 0.9999),
    ]
}

/// What `jitter --json` prints; spans are in microseconds.
struct JitterJSON: Encodable {
    struct Machine: Encodable {
        let cores = ProcessorCount.online
        let kernel = ProcessInfo.processInfo.operatingSystemVersionString
    }

    struct Measurement: Encodable {
        let timer: String
        let priority: Int32
        let cores: String
        let interval: Double
        let sessions: Int
        let wakeUps: Int
        let packets: Int
        let processorTimePerPacket: Double?
        let wakeUp: [String: Double]
        let work: [String: Double]?
        let lateness: [String: Double]
    }

    struct Verdict: Encodable {
        let priority: Int32
        let interval: Int64?
        let multiplier: Int
        let detectionTime: Int64?
        let sessions: Int
        let limit: String
        let worstLateness: Double
        let wakeUps: Int
    }

    let machine = Machine()
    let measurements: [Measurement]
    let verdicts: [Verdict]
    let refusedPriority: Int32?

    init(_ report: JitterReport) {
        refusedPriority = report.refusedPriority
        measurements = report.measurements.map { measurement in
            let cell = measurement.cell
            return Measurement(
                timer: cell.source.rawValue, priority: cell.priority,
                cores: cell.isLoaded ? "busy" : "idle", interval: Self.span(cell.interval),
                sessions: cell.sessionCount, wakeUps: measurement.wakeUp.count,
                packets: measurement.packetCount,
                processorTimePerPacket: measurement.processorTimePerPacket.map(Self.span),
                wakeUp: Self.spans(measurement.wakeUp),
                work: measurement.work.count > 0 ? Self.spans(measurement.work) : nil,
                lateness: Self.spans(measurement.lateness))
        }
        verdicts = report.verdicts.map { verdict in
            Verdict(
                priority: verdict.priority, interval: verdict.intervalMicroseconds,
                multiplier: verdict.multiplier, detectionTime: verdict.detectionMicroseconds,
                sessions: verdict.sessionCount, limit: verdict.limit.rawValue,
                worstLateness: Self.span(verdict.worst.lateness.maximum ?? 0),
                wakeUps: verdict.wakeUpCount)
        }
    }

    private static func span(_ nanoseconds: Int64) -> Double { Double(nanoseconds) / 1_000 }

    private static func spans(_ samples: LatenessSamples) -> [String: Double] {
        var spans: [String: Double] = [:]
        for (name, fraction) in JitterReport.percentiles {
            spans[name] = samples.percentile(fraction).map(span)
        }
        spans["max"] = samples.maximum.map(span)
        return spans
    }
}
