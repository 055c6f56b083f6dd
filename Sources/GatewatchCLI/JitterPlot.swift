internal import Foundation
internal import TimerJitter

/// Lateness percentile curves as an SVG picture: the rarer the event, the further to the right.
enum JitterPlot {
    private static let panelWidth = 380.0
    private static let height = 380.0
    private static let left = 60.0
    private static let top = 40.0
    private static let plotHeight = 260.0
    private static let plotWidth = 310.0

    static func svg(_ report: JitterReport) -> String {
        let loads = [false, true].filter { isLoaded in
            report.measurements.contains { $0.cell.isLoaded == isLoaded }
        }
        let width = left + panelWidth * Double(loads.count)
        var lines = [
            #"<svg xmlns="http://www.w3.org/2000/svg" width="\#(Int(width))" "#
                + #"height="\#(Int(height))" font-family="sans-serif" font-size="11">"#,
            #"<rect width="100%" height="100%" fill="white"/>"#,
        ]
        let scale = LogScale(report)
        for (index, isLoaded) in loads.enumerated() {
            let measurements = report.measurements.filter { $0.cell.isLoaded == isLoaded }
            let x = left + panelWidth * Double(index)
            lines += axes(at: x, title: isLoaded ? "every core busy" : "idle", scale)
            lines += measurements.compactMap { curve($0, at: x, scale) }
        }
        lines += legend(report)
        return (lines + ["</svg>", ""]).joined(separator: "\n")
    }

    /// From 1 µs, or what is least, to what is most, a decade at a time.
    private struct LogScale {
        let decades: ClosedRange<Int>

        init(_ report: JitterReport) {
            let most = report.measurements.compactMap(\.lateness.maximum).max() ?? 1_000
            decades = 0...max(1, Int(log10(max(Double(most) / 1_000, 10)).rounded(.up)))
        }

        func y(_ nanoseconds: Int64) -> Double {
            let position = log10(max(Double(nanoseconds) / 1_000, 1)) / Double(decades.upperBound)
            return top + plotHeight * (1 - position)
        }
    }

    /// A fraction of the samples to its place: p50 at the left edge, p99.99 at the right.
    private static func x(_ fraction: Double) -> Double {
        let nines = -log10(max(1 - fraction, 0.000_1))
        let least = -log10(0.5)
        return plotWidth * (nines - least) / (4 - least)
    }

    private static func axes(at origin: Double, title: String, _ scale: LogScale) -> [String] {
        var lines = [text(title, x: origin + plotWidth / 2, y: top - 14, anchor: "middle")]
        for decade in scale.decades {
            let y = scale.y(Int64(pow(10, Double(decade)) * 1_000))
            lines.append(line(from: (origin, y), to: (origin + plotWidth, y)))
            let labels = ["1 µs", "10 µs", "100 µs", "1 ms", "10 ms", "100 ms", "1 s"]
            let label = decade < labels.count ? labels[decade] : "10^\(decade) µs"
            lines.append(text(label, x: origin - 6, y: y + 4, anchor: "end"))
        }
        for (name, fraction) in JitterReport.percentiles {
            let place = origin + x(fraction)
            lines.append(line(from: (place, top), to: (place, top + plotHeight)))
            lines.append(text(name, x: place, y: top + plotHeight + 16, anchor: "middle"))
        }
        return lines
    }

    private static func curve(
        _ measurement: JitterMeasurement, at origin: Double, _ scale: LogScale
    ) -> String? {
        let steps = (0...60).map { 1 - 0.5 * pow(10, -Double($0) * 3.7 / 60) }
        let points = steps.compactMap { fraction -> String? in
            guard let value = measurement.lateness.percentile(fraction) else { return nil }
            return "\(number(origin + x(fraction))),\(number(scale.y(value)))"
        }
        guard points.count > 1 else { return nil }
        return #"<polyline points="\#(points.joined(separator: " "))" fill="none" "#
            + #"stroke="\#(color(of: measurement.cell.source))" stroke-width="1.5""#
            + dash(measurement.cell.priority) + "/>"
    }

    private static func legend(_ report: JitterReport) -> [String] {
        let y = top + plotHeight + 40
        var lines: [String] = []
        let priorities = Set(report.measurements.map(\.cell.priority)).sorted()
        for (column, source) in TimerSource.allCases.enumerated() {
            for (row, priority) in priorities.enumerated() {
                let (x, y) = (left + Double(column) * 120, y + Double(row) * 18)
                lines.append(
                    #"<path d="M\#(number(x)) \#(number(y))h24" stroke-width="1.5" "#
                        + #"stroke="\#(color(of: source))"\#(dash(priority))/>"#)
                let name = source.rawValue + (priority > 0 ? " FIFO" : "")
                lines.append(text(name, x: x + 28, y: y + 4, anchor: "start"))
            }
        }
        return lines
    }

    private static func color(of source: TimerSource) -> String {
        switch source {
        case .evTimer: "#c60"
        case .epoll: "#36c"
        case .timerfd: "#777"
        case .engine: "#0a6"
        }
    }

    private static func dash(_ priority: Int32) -> String {
        priority > 0 ? "" : #" stroke-dasharray="4 3""#
    }

    private static func line(from: (Double, Double), to: (Double, Double)) -> String {
        #"<path d="M\#(number(from.0)) \#(number(from.1))L\#(number(to.0)) \#(number(to.1))" "#
            + ##"stroke="#ddd"/>"##
    }

    private static func text(_ text: String, x: Double, y: Double, anchor: String) -> String {
        #"<text x="\#(number(x))" y="\#(number(y))" text-anchor="\#(anchor)">\#(text)</text>"#
    }

    private static func number(_ value: Double) -> String {
        String(Double((value * 10).rounded()) / 10)
    }
}
