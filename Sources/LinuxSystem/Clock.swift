internal import CLinux
internal import Glibc

/// The kernel's clocks, in nanoseconds.
public enum Clock {
    /// CLOCK_MONOTONIC: what libev and timerfd count in. Never steps.
    public static func monotonicNanoseconds() -> Int64 {
        gw_clock_nanoseconds(CLOCK_MONOTONIC)
    }

    /// What the calling thread has used of processors, the kernel's work in its name included.
    public static func threadNanoseconds() -> Int64 {
        gw_clock_nanoseconds(CLOCK_THREAD_CPUTIME_ID)
    }

    /// Waits, in threads that serve nobody.
    public static func sleep(milliseconds: UInt32) {
        usleep(milliseconds * 1_000)
    }

    /// CLOCK_REALTIME: what the kernel stamps received packets with. Steps; for ages only.
    public static func realtimeNanoseconds() -> Int64 {
        gw_clock_nanoseconds(CLOCK_REALTIME)
    }
}
