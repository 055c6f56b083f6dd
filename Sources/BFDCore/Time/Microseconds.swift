/// An interval as it stands in a packet: 0 to 4,294,967,295 microseconds (RFC 5880 §4.1).
public struct Microseconds: Hashable, Comparable, Sendable, BitwiseCopyable {
    /// How many microseconds.
    public var count: UInt32

    /// An interval by its count.
    @_noAllocation @_noLocks
    public init(_ count: UInt32) {
        self.count = count
    }

    /// The same span, which always fits.
    public var nanoseconds: Nanoseconds {
        @_noAllocation @_noLocks get { Nanoseconds(Int64(count) * 1_000) }
    }

    /// One second: the least transmit interval of a session that is not Up (RFC 5880 §6.8.3).
    public static var second: Microseconds {
        @_noAllocation @_noLocks get { Microseconds(1_000_000) }
    }

    /// The longer of two intervals.
    @_noAllocation @_noLocks
    public static func maximum(_ left: Microseconds, _ right: Microseconds) -> Microseconds {
        left.count < right.count ? right : left
    }

    /// Whether two intervals are equally long.
    @_noAllocation @_noLocks
    public static func == (left: Microseconds, right: Microseconds) -> Bool {
        left.count == right.count
    }

    /// Orders intervals.
    @_noAllocation @_noLocks
    public static func < (left: Microseconds, right: Microseconds) -> Bool {
        left.count < right.count
    }
}
