internal import CLinux
internal import Glibc

/// The kernel's clocks, in nanoseconds.
public enum Clock {
    /// CLOCK_MONOTONIC: what libev and timerfd count in. Never steps.
    public static func monotonicNanoseconds() -> Int64 {
        gw_clock_nanoseconds(CLOCK_MONOTONIC)
    }

    /// CLOCK_REALTIME: what the kernel stamps received packets with. Steps; for ages only.
    public static func realtimeNanoseconds() -> Int64 {
        gw_clock_nanoseconds(CLOCK_REALTIME)
    }
}
