internal import Glibc

/// Asks the kernel that no processor of the node takes long to wake up, as long as this value
/// lives; when the process dies, the kernel forgets it.
public struct LatencyRequest: ~Copyable, Sendable {
    private let owned: OwnedDescriptor

    /// Allows sleeps of processors that end within `microseconds`; 0 for the shallowest only.
    ///
    /// Throws where the process may not write to /dev/cpu_dma_latency, or there is none.
    public init(microseconds: Int32) throws(SystemError) {
        let path = "/dev/cpu_dma_latency"
        let result = unsafe open(path, O_WRONLY | O_CLOEXEC)
        guard result >= 0 else {
            throw SystemError(operation: path, errno: Errno(rawValue: errno))
        }
        let count = unsafe withUnsafeBytes(of: microseconds) { bytes in
            unsafe write(result, bytes.baseAddress, bytes.count)
        }
        guard count >= 0 else {
            let failure = Errno(rawValue: errno)
            close(result)
            throw SystemError(operation: path, errno: failure)
        }
        owned = OwnedDescriptor(owning: result)
    }
}
