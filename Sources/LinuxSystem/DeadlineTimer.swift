internal import CLinux

/// A timerfd on CLOCK_MONOTONIC: readable once its deadline has passed.
///
/// libev rounds its own timers up to whole milliseconds; a watched timerfd is exact.
public struct DeadlineTimer: ~Copyable, Sendable {
    private let owned: OwnedDescriptor

    /// Makes a disarmed timer.
    public init() throws(SystemError) {
        owned = OwnedDescriptor(
            owning: try SystemError.check(gw_timerfd_create(), "timerfd_create"))
    }

    /// The descriptor to watch for readability.
    public var descriptor: Int32 { owned.rawValue }

    /// Arms the timer for an absolute CLOCK_MONOTONIC time in nanoseconds; the past fires at once.
    public func arm(at nanoseconds: Int64) {
        let result = gw_timerfd_set(owned.rawValue, max(nanoseconds, 1))
        precondition(result == 0, "timerfd_settime refuses no valid time")
    }

    /// Takes the deadline away.
    public func disarm() {
        let result = gw_timerfd_set(owned.rawValue, 0)
        precondition(result == 0, "timerfd_settime refuses no valid time")
    }

    /// Makes a fired timer unreadable again.
    public func acknowledge() {
        gw_counter_acknowledge(owned.rawValue)
    }
}
