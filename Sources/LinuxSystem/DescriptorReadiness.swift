internal import Glibc

/// Waiting for one descriptor outside any loop.
public enum DescriptorReadiness {
    /// Whether `descriptor` became readable within the time; for callers that have no loop.
    public static func waitUntilReadable(_ descriptor: Int32, milliseconds: Int32) -> Bool {
        wait(for: POLLIN, descriptor, milliseconds)
    }

    /// Whether `descriptor` became writable within the time, or is of no use any more.
    public static func waitUntilWritable(_ descriptor: Int32, milliseconds: Int32) -> Bool {
        wait(for: POLLOUT, descriptor, milliseconds)
    }

    /// Writes octets to a descriptor that was found writable; how many it took, nil when it takes
    /// none.
    public static func write(_ octets: ArraySlice<UInt8>, to descriptor: Int32) -> Int? {
        while true {
            let count = unsafe octets.withUnsafeBytes { bytes in
                unsafe Glibc.write(descriptor, bytes.baseAddress, bytes.count)
            }
            if count > 0 { return count }
            if count == 0 || errno != EINTR { return nil }
        }
    }

    private static func wait(for event: Int32, _ descriptor: Int32, _ milliseconds: Int32) -> Bool {
        var request = pollfd(fd: descriptor, events: Int16(event), revents: 0)
        let deadline = Clock.monotonicNanoseconds() + Int64(milliseconds) * 1_000_000
        while true {
            let left = max(deadline - Clock.monotonicNanoseconds(), 0)
            let result = unsafe poll(&request, 1, Int32((left + 999_999) / 1_000_000))
            if result > 0 { return true }
            if result == 0 || errno != EINTR { return false }
        }
    }
}
