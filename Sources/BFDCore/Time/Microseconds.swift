/// An interval as it stands in a packet: 0 to 4,294,967,295 microseconds (RFC 5880 §4.1).
public struct Microseconds: Hashable, Comparable, Sendable, BitwiseCopyable {
    /// How many microseconds.
    public var count: UInt32

    /// An interval by its count.
    public init(_ count: UInt32) {
        self.count = count
    }

    /// The same span, which always fits.
    public var nanoseconds: Nanoseconds {
        Nanoseconds(Int64(count) * 1_000)
    }

    /// One second: the least transmit interval of a session that is not Up (RFC 5880 §6.8.3).
    public static var second: Microseconds { Microseconds(1_000_000) }

    /// Orders intervals.
    public static func < (left: Microseconds, right: Microseconds) -> Bool {
        left.count < right.count
    }
}
