public import BFDCore

/// A rule that did not hold.
public struct Violation: Sendable, Hashable, CustomStringConvertible {
    /// What is checked.
    public enum Rule: String, Sendable, Hashable, CaseIterable {
        /// Never Up without a three-way handshake.
        case handshake
        /// Down by detection at the detection time, not earlier, not later.
        case detection
        /// One Poll at a time, answered, never P and F together.
        case poll
        /// Periodic packets neither too fast nor too slow, with jitter.
        case gap
        /// Discriminators are unique and not zero.
        case discriminator
        /// Damaged packets are refused, honest ones are not, whatever the keys are doing.
        case authentication
        /// Echo packets at their pace, and Down when they stay away, not earlier, not later.
        case echo
        /// Silence that was asked for is kept, and ends with a Poll that stays without its answer.
        case demand
        /// Only packets from near enough count.
        case hopLimit
        /// Sessions that peers start are made when asked for, and go when they are not Up.
        case unsolicited
        /// Intervals are doubled for a reason only, and once at a time.
        case congestion
        /// No session fails that did not lose its packets.
        case explanation
        /// Both ends agree at rest.
        case agreement
        /// Routes equal the Up set.
        case routes
    }

    /// Which rule.
    public let rule: Rule
    /// When it was seen.
    public let at: Instant
    /// At which end, or at which node for routes.
    public let end: Int
    /// What was seen.
    public let text: String

    /// One line.
    public var description: String {
        "\(rule.rawValue) at \(seconds(at)) s, end \(end): \(text)"
    }
}

/// Seconds with microseconds, since the start of the run.
func seconds(_ moment: Instant) -> String {
    let micros = moment.nanoseconds / 1_000
    let fraction = String(micros % 1_000_000)
    return "\(micros / 1_000_000)." + String(repeating: "0", count: 6 - fraction.count) + fraction
}

/// Milliseconds, with as many decimals as it takes.
func milliseconds(_ span: Nanoseconds) -> String {
    let whole = span.count / 1_000_000
    var rest = String(span.count % 1_000_000)
    if rest == "0" { return "\(whole)ms" }
    rest = String(repeating: "0", count: 6 - rest.count) + rest
    while rest.last == "0" { rest.removeLast() }
    return "\(whole).\(rest)ms"
}
