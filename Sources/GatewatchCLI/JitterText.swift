internal import ControlProtocol
internal import LinuxSystem
internal import TimerJitter

/// A measurement of timers as people read it.
enum JitterText {
    static func text(_ report: JitterReport) -> String {
        let columns =
            ["TIMER", "PRIORITY", "CORES", "WAKE-UPS"]
            + JitterReport.percentiles.map { $0.name.uppercased() } + ["MAX"]
        var table = TextTable(columns.map { .fixed($0) })
        for measurement in report.measurements {
            table.add(row(measurement, measurement.wakeUp, measurement.cell.source.rawValue))
            if measurement.work.count > 0 {
                table.add(row(measurement, measurement.work, "  its work"))
            }
        }
        return [explanation(report), table.text, verdictText(report)].joined(separator: "\n\n")
    }

    /// What a cell is called while it is measured.
    static func title(of cell: JitterCell) -> String {
        let sessions =
            cell.source == .engine
            ? ", \(cell.sessionCount) session\(cell.sessionCount == 1 ? "" : "s")" : ""
        let span = DurationText.exact(microseconds: UInt64(cell.interval / 1_000))
        let seconds = Double(cell.duration / 10_000_000) / 100
        return "\(cell.source.rawValue), \(priorityText(cell.priority)), "
            + "cores \(cell.isLoaded ? "busy" : "idle"), every \(span)\(sessions): \(seconds) s"
    }

    private static func explanation(_ report: JitterReport) -> String {
        let cell = report.measurements.last?.cell
        let interval = DurationText.exact(
            microseconds: UInt64((cell?.interval ?? 0) / 1_000))
        let sessions = cell?.sessionCount ?? 0
        return "Microseconds from a deadline, one every \(interval), until the kernel let us run;"
            + " of the engine\nwith \(sessions) session\(sessions == 1 ? "" : "s"), its work"
            + " from then until the last packet had been sent. \(ProcessorCount.online) cores."
    }

    private static func row(
        _ measurement: JitterMeasurement, _ samples: LatenessSamples, _ name: String
    ) -> [String] {
        let cell = measurement.cell
        let percentiles = JitterReport.percentiles.map { samples.percentile($0.fraction) }
        return [
            name, priorityText(cell.priority), cell.isLoaded ? "busy" : "idle",
            String(samples.count),
        ] + (percentiles + [samples.maximum]).map(microseconds)
    }

    private static func microseconds(_ span: Int64?) -> String {
        guard let span else { return "-" }
        return span < 10_000 ? "\(span / 1_000).\(span / 100 % 10)" : String(span / 1_000)
    }

    private static func priorityText(_ priority: Int32) -> String {
        priority > 0 ? "FIFO \(priority)" : "normal"
    }

    static func verdictText(_ report: JitterReport) -> String {
        var lines: [String] = []
        for (index, verdict) in report.verdicts.enumerated() {
            lines.append((index == 0 ? "Verdict: " : "Without it: ") + promise(of: verdict))
            lines += reasons(for: verdict).map { "  " + $0 }
        }
        if let priority = report.refusedPriority {
            lines.append("The kernel refused SCHED_FIFO \(priority), so it was left out.")
            lines.append("Run as root, or with CAP_SYS_NICE, to see what it would win.")
        } else if let best = report.verdicts.first, best.priority > 0 {
            lines.append(
                "For the first: realtime: {priority: \(best.priority)} in the "
                    + "configuration, and CAP_SYS_NICE.")
        }
        if let count = report.verdicts.map(\.wakeUpCount).min(), count < 100_000 {
            lines.append(
                "\(count) wake-ups show nothing rarer than one in \(count): for a promise, give "
                    + "--duration 600s.")
        }
        return lines.joined(separator: "\n")
    }

    private static func promise(of verdict: JitterVerdict) -> String {
        let scheduling = verdict.priority > 0 ? "with \(priorityText(verdict.priority)) " : ""
        let sessions = "\(verdict.sessionCount) session\(verdict.sessionCount == 1 ? "" : "s")"
        guard let interval = verdict.intervalMicroseconds,
            let detection = verdict.detectionMicroseconds
        else {
            return "\(scheduling)this node can promise no detection time for \(sessions)."
        }
        return "\(scheduling)this node can promise a detection time of \(verdict.multiplier) x "
            + "\(DurationText.exact(microseconds: UInt64(interval))) = "
            + "\(DurationText.exact(microseconds: UInt64(detection))) for \(sessions)."
    }

    /// Why it is not shorter.
    private static func reasons(for verdict: JitterVerdict) -> [String] {
        let worst = verdict.worst
        let late = microseconds(worst.lateness.maximum)
        let seen =
            "The engine was at most \(late) µs late in \(verdict.wakeUpCount) wake-ups, "
            + "with cores \(worst.cell.isLoaded ? "busy" : "idle"): the kernel's part"
        let parts =
            "was \(microseconds(worst.wakeUp.maximum)) µs at most, our own work "
            + "\(microseconds(worst.work.maximum)) µs."
        switch verdict.limit {
        case .lateness:
            let room =
                verdict.multiplier > 2
                ? "Twice that has to fit into the time that one lost packet leaves."
                : "Twice that has to fit into the time that is left after the last packet."
            return [seen, parts, room]
        case .processor:
            let cost = microseconds(worst.processorTimePerPacket)
            return [
                seen, parts,
                "At a shorter interval, packets of \(cost) µs each would take over half a core.",
            ]
        case .shortest:
            return [seen, parts, "No shorter interval is promised than this one."]
        }
    }
}
