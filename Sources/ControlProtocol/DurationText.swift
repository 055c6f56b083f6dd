public import BFDCore

/// Spans of time as people read them.
public enum DurationText {
    /// A span in the largest unit that shows it whole, such as `50 ms`, `1 s` or `333 µs`.
    public static func exact(microseconds: UInt64) -> String {
        if microseconds.isMultiple(of: 1_000_000) { return "\(microseconds / 1_000_000) s" }
        if microseconds.isMultiple(of: 1_000) { return "\(microseconds / 1_000) ms" }
        return "\(microseconds) µs"
    }

    /// An interval, or a dash where there is none.
    public static func exact(_ interval: Microseconds) -> String {
        interval.count == 0 ? "-" : exact(microseconds: UInt64(interval.count))
    }

    /// How long ago something was, in two units at most, such as `3 min 12 s` or `12 d 4 h`.
    public static func age(seconds: Int64) -> String {
        let units: [(size: Int64, name: String)] = [
            (86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"),
        ]
        guard let index = units.firstIndex(where: { seconds >= $0.size }) else { return "0 s" }
        let first = "\(seconds / units[index].size) \(units[index].name)"
        let rest = seconds % units[index].size
        guard index + 1 < units.count, rest >= units[index + 1].size else { return first }
        return "\(first) \(rest / units[index + 1].size) \(units[index + 1].name)"
    }
}
