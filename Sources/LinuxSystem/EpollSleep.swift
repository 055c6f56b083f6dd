internal import CLinux

/// The timeout of `epoll_wait`, which is how most loops wait: whole milliseconds, rounded up.
public struct EpollSleep: ~Copyable, Sendable {
    private let owned: OwnedDescriptor

    /// Makes an epoll instance that watches nothing.
    public init() throws(SystemError) {
        owned = OwnedDescriptor(owning: try SystemError.check(gw_epoll_create(), "epoll_create1"))
    }

    /// Sleeps until a CLOCK_MONOTONIC time in nanoseconds, or a little longer.
    public func sleep(until nanoseconds: Int64) {
        let span = nanoseconds - Clock.monotonicNanoseconds()
        guard span > 0 else { return }
        _ = gw_epoll_sleep(owned.rawValue, Int32(clamping: (span + 999_999) / 1_000_000))
    }
}
