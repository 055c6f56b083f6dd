/// A moment on the monotonic clock, in nanoseconds.
///
/// Only differences mean anything. The core never reads a clock: every moment comes from outside.
public struct Instant: Hashable, Comparable, Sendable, BitwiseCopyable {
    /// Nanoseconds since the clock's own start.
    public var nanoseconds: Int64

    /// A moment by its count.
    @_noAllocation @_noLocks
    public init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// Later than every moment a clock will show.
    public static var distantFuture: Instant {
        @_noAllocation @_noLocks get { Instant(nanoseconds: .max) }
    }

    /// Whether two moments are one.
    @_noAllocation @_noLocks
    public static func == (left: Instant, right: Instant) -> Bool {
        left.nanoseconds == right.nanoseconds
    }

    /// Orders moments.
    @_noAllocation @_noLocks
    public static func < (left: Instant, right: Instant) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    /// The moment a span later.
    @_noAllocation @_noLocks
    public static func + (moment: Instant, span: Nanoseconds) -> Instant {
        Instant(nanoseconds: moment.nanoseconds + span.count)
    }

    /// The moment a span earlier.
    @_noAllocation @_noLocks
    public static func - (moment: Instant, span: Nanoseconds) -> Instant {
        Instant(nanoseconds: moment.nanoseconds - span.count)
    }

    /// The span between two moments, negative when the first is the earlier.
    @_noAllocation @_noLocks
    public static func - (left: Instant, right: Instant) -> Nanoseconds {
        Nanoseconds(left.nanoseconds - right.nanoseconds)
    }
}

/// A span of time in nanoseconds.
public struct Nanoseconds: Hashable, Comparable, Sendable, BitwiseCopyable {
    /// How many nanoseconds.
    public var count: Int64

    /// A span by its count.
    @_noAllocation @_noLocks
    public init(_ count: Int64) {
        self.count = count
    }

    /// A span of whole microseconds.
    @_noAllocation @_noLocks
    public static func microseconds(_ count: Int64) -> Nanoseconds {
        Nanoseconds(count * 1_000)
    }

    /// A span of whole milliseconds.
    @_noAllocation @_noLocks
    public static func milliseconds(_ count: Int64) -> Nanoseconds {
        Nanoseconds(count * 1_000_000)
    }

    /// A span of whole seconds.
    @_noAllocation @_noLocks
    public static func seconds(_ count: Int64) -> Nanoseconds {
        Nanoseconds(count * 1_000_000_000)
    }

    /// No time at all.
    public static var zero: Nanoseconds {
        @_noAllocation @_noLocks get { Nanoseconds(0) }
    }

    /// Whether two spans are equally long.
    @_noAllocation @_noLocks
    public static func == (left: Nanoseconds, right: Nanoseconds) -> Bool {
        left.count == right.count
    }

    /// Orders spans.
    @_noAllocation @_noLocks
    public static func < (left: Nanoseconds, right: Nanoseconds) -> Bool {
        left.count < right.count
    }

    /// The sum of two spans.
    @_noAllocation @_noLocks
    public static func + (left: Nanoseconds, right: Nanoseconds) -> Nanoseconds {
        Nanoseconds(left.count + right.count)
    }

    /// The difference of two spans.
    @_noAllocation @_noLocks
    public static func - (left: Nanoseconds, right: Nanoseconds) -> Nanoseconds {
        Nanoseconds(left.count - right.count)
    }

    /// A span several times over.
    @_noAllocation @_noLocks
    public static func * (span: Nanoseconds, factor: Int64) -> Nanoseconds {
        Nanoseconds(span.count * factor)
    }
}
