internal import ControlProtocol

/// How well the daemon keeps up, as people read it.
enum PunctualityText {
    /// Named values, for the full status of a session.
    static func entries(_ punctuality: PunctualityStatus) -> [(String, String)] {
        var entries =
            punctuality.receiveDropCount.map { count in
                [("lost on arrival", "\(count) packets found the receive buffers full")]
            } ?? []
        entries.append(("sent late by", spans(punctuality.transmitLateness)))
        entries.append(("detected late by", spans(punctuality.detectionOvershoot)))
        return entries
    }

    /// The same as lines of their own.
    static func lines(_ punctuality: PunctualityStatus) -> String {
        let entries = entries(punctuality)
        let width = entries.map(\.0.count).max() ?? 0
        return entries.map { "\($0.0.padded(to: width))  \($0.1)" }.joined(separator: "\n")
    }

    private static func spans(_ lateness: LatenessStatus) -> String {
        guard lateness.count > 0 else { return "- (never yet)" }
        return "\(span(lateness.median)) (p50), \(span(lateness.percentile99)) (p99), "
            + "\(span(lateness.maximum)) (max), of \(lateness.count)"
    }

    /// Whole microseconds, or milliseconds with one place: more would only seem exact.
    static func span(_ nanoseconds: Int64) -> String {
        let microseconds = (nanoseconds + 999) / 1_000
        guard microseconds >= 10_000 else { return "\(microseconds) µs" }
        return "\(microseconds / 1_000).\(microseconds % 1_000 / 100) ms"
    }
}
