/// A moment on the monotonic clock, in nanoseconds.
///
/// Only differences mean anything. The core never reads a clock: every moment comes in from outside.
public struct Instant: Hashable, Comparable, Sendable, BitwiseCopyable {
    /// Nanoseconds since the clock's own start.
    public var nanoseconds: Int64

    /// A moment by its count.
    public init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// Later than every moment a clock will show.
    public static var distantFuture: Instant { Instant(nanoseconds: .max) }

    /// Orders moments.
    public static func < (left: Instant, right: Instant) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    /// The moment a span later.
    public static func + (moment: Instant, span: Nanoseconds) -> Instant {
        Instant(nanoseconds: moment.nanoseconds + span.count)
    }

    /// The moment a span earlier.
    public static func - (moment: Instant, span: Nanoseconds) -> Instant {
        Instant(nanoseconds: moment.nanoseconds - span.count)
    }

    /// The span between two moments, negative when the first is the earlier.
    public static func - (left: Instant, right: Instant) -> Nanoseconds {
        Nanoseconds(left.nanoseconds - right.nanoseconds)
    }
}

/// A span of time in nanoseconds.
public struct Nanoseconds: Hashable, Comparable, Sendable, BitwiseCopyable {
    /// How many nanoseconds.
    public var count: Int64

    /// A span by its count.
    public init(_ count: Int64) {
        self.count = count
    }

    /// A span of whole milliseconds.
    public static func milliseconds(_ count: Int64) -> Nanoseconds {
        Nanoseconds(count * 1_000_000)
    }

    /// A span of whole seconds.
    public static func seconds(_ count: Int64) -> Nanoseconds {
        Nanoseconds(count * 1_000_000_000)
    }

    /// No time at all.
    public static var zero: Nanoseconds { Nanoseconds(0) }

    /// Orders spans.
    public static func < (left: Nanoseconds, right: Nanoseconds) -> Bool {
        left.count < right.count
    }

    /// The sum of two spans.
    public static func + (left: Nanoseconds, right: Nanoseconds) -> Nanoseconds {
        Nanoseconds(left.count + right.count)
    }

    /// The difference of two spans.
    public static func - (left: Nanoseconds, right: Nanoseconds) -> Nanoseconds {
        Nanoseconds(left.count - right.count)
    }

    /// A span several times over.
    public static func * (span: Nanoseconds, factor: Int64) -> Nanoseconds {
        Nanoseconds(span.count * factor)
    }
}
