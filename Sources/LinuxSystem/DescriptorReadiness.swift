internal import Glibc

/// Waiting for one descriptor outside any loop.
public enum DescriptorReadiness {
    /// Whether `descriptor` became readable within the time; for callers that have no loop.
    public static func waitUntilReadable(_ descriptor: Int32, milliseconds: Int32) -> Bool {
        var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        let deadline = Clock.monotonicNanoseconds() + Int64(milliseconds) * 1_000_000
        while true {
            let left = max(deadline - Clock.monotonicNanoseconds(), 0)
            let result = unsafe poll(&request, 1, Int32((left + 999_999) / 1_000_000))
            if result > 0 { return true }
            if result == 0 || errno != EINTR { return false }
        }
    }
}
