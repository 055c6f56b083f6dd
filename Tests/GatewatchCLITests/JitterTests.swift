import BFDCore
import Daemon
import Foundation
import Testing
import TimerJitter

@testable import GatewatchCLI

/// What `jitter` measures, concludes, prints and draws.
@Suite struct JitterTests {
    /// An engine, a thousand times on time and once so late; spans in microseconds.
    private func engine(
        late: Int64, priority: Int32 = 50, sessions: Int = 1, isLoaded: Bool = true,
        costPerPacket: Int64 = 10
    ) -> JitterMeasurement {
        let cell = JitterCell(
            source: .engine, priority: priority, isLoaded: isLoaded, interval: 1_000_000,
            sessionCount: sessions, duration: 1_000_000_000)
        let early = [Int64](repeating: 20_000, count: 999)
        return JitterMeasurement(
            cell: cell, wakeUp: LatenessSamples(early + [(late - 5) * 1_000]),
            work: LatenessSamples([Int64](repeating: 5_000, count: 1_000)),
            lateness: LatenessSamples(early + [late * 1_000]), packetCount: 1_000,
            processorTime: 1_000 * costPerPacket * 1_000)
    }

    private func report(_ measurements: [JitterMeasurement]) -> JitterReport {
        JitterReport(measurements: measurements, multiplier: 3, refusedPriority: nil)
    }

    @Test func `A percentile needs samples beyond it`() {
        let samples = LatenessSamples((1...1_000).reversed())
        #expect(samples.percentile(0.5) == 500)
        #expect(samples.percentile(0.99) == 990)
        #expect(samples.percentile(0.999) == 999)
        #expect(samples.percentile(0.9999) == nil)
        #expect(samples.maximum == 1_000)
        #expect(LatenessSamples([]).percentile(0.5) == nil)
    }

    @Test(arguments: [
        // Twice the lateness, and one packet lost besides, fit into what is promised.
        (late: 100, multiplier: 3, interval: 250), (late: 150, multiplier: 3, interval: 300),
        (late: 151, multiplier: 3, interval: 500), (late: 400, multiplier: 3, interval: 1_000),
        (late: 500, multiplier: 5, interval: 500), (late: 500, multiplier: 2, interval: 1_000),
        (late: 100, multiplier: 1, interval: 2_000),
        (late: 20_000, multiplier: 3, interval: 50_000),
    ])
    func `The promise follows from the worst lateness`(
        _ row: (late: Int64, multiplier: Int, interval: Int64)
    ) throws {
        let measurements = [engine(late: row.late), engine(late: 60, isLoaded: false)]
        let verdict = try #require(
            JitterVerdict(measurements, priority: 50, multiplier: row.multiplier))
        #expect(verdict.intervalMicroseconds == row.interval)
        #expect(verdict.detectionMicroseconds == row.interval * Int64(row.multiplier))
        #expect(verdict.worst.cell.isLoaded)
        #expect(verdict.wakeUpCount == 2_000)
        #expect(verdict.limit == (row.interval == 250 ? .shortest : .lateness))
    }

    @Test func `A thousand sessions cannot have more than half a core`() throws {
        let measurements = [engine(late: 100, sessions: 1_000, costPerPacket: 5)]
        let verdict = try #require(JitterVerdict(measurements, priority: 50, multiplier: 3))
        #expect(verdict.intervalMicroseconds == 20_000)
        #expect(verdict.limit == .processor)
    }

    @Test func `A machine that stops for seconds promises nothing`() throws {
        let verdict = try #require(
            JitterVerdict([engine(late: 900_000)], priority: 50, multiplier: 3))
        #expect(verdict.detectionMicroseconds == nil)
        #expect(
            JitterText.verdictText(report([engine(late: 900_000)]))
                .contains("can promise no detection time"))
        #expect(JitterVerdict([engine(late: 1)], priority: 0, multiplier: 3) == nil)
    }

    @Test func `The text ends with what to do, within 100 columns`() {
        let text = JitterText.text(
            report([
                engine(late: 18_000, priority: 0), engine(late: 131, priority: 50),
            ]))
        #expect(text.split(separator: "\n").allSatisfy { $0.count <= 100 })
        #expect(text.contains("with FIFO 50 this node can promise a detection time of 3 x 300 µs"))
        #expect(text.contains("Without it: this node can promise a detection time of 3 x 50 ms"))
        #expect(text.contains("131 µs late in 1000 wake-ups"))
        #expect(text.contains("realtime: {priority: 50}"))
        #expect(text.contains("--duration 600s"))
    }

    @Test func `That real-time priority was refused is said`() {
        let report = JitterReport(
            measurements: [engine(late: 500, priority: 0)], multiplier: 3, refusedPriority: 50)
        let text = JitterText.text(report)
        #expect(text.contains("The kernel refused SCHED_FIFO 50"))
        #expect(text.contains("CAP_SYS_NICE"))
    }

    @Test func `A short run measures every source, with nobody's rights`() throws {
        let plan = JitterPlan(
            priorities: [0], load: .both, interval: 1_000_000, sessionCount: 10,
            duration: 600_000_000)
        #expect(plan.cells.count == 8)
        var begun = 0
        let measurements = try plan.measure { _, index in
            #expect(index == begun)
            begun += 1
        }
        #expect(begun == 8)
        for measurement in measurements {
            #expect(measurement.lateness.count > 0)
            #expect((measurement.wakeUp.maximum ?? -1) >= 0)
            let isEngine = measurement.cell.source == .engine
            #expect((measurement.packetCount > 0) == isEngine)
            #expect((measurement.work.count > 0) == isEngine)
        }
        try checkForms(of: report(measurements))
    }

    private func checkForms(of report: JitterReport) throws {
        let text = try ControlCoding.text(JitterJSON(report))
        let json = try #require(
            JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        #expect((json["measurements"] as? [[String: Any]])?.count == 8)
        #expect((json["verdicts"] as? [[String: Any]])?.count == 1)
        let svg = JitterPlot.svg(report)
        #expect(svg.hasPrefix("<svg xmlns="))
        #expect(svg.hasSuffix("</svg>\n"))
        #expect(svg.contains("<polyline"))
        #expect(!svg.contains("nan") && !svg.contains("inf"))
    }

    @Test func `Engines with many sessions are Up before they are measured`() throws {
        var workload = try EngineWorkload(
            sessionCount: 1_000, interval: .init(100_000), at: .init(nanoseconds: 1))
        let upCount = workload.upCount
        #expect(upCount == 1_000)
    }
}
