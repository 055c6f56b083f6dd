internal import Glibc
internal import LinuxSystem
internal import Synchronization

/// Where lines of the log go, which nobody here may wait for.
///
/// Whoever reads the log may hang: a full pipe would then stop the thread that answers clients and
/// signals. Such a reader is waited for once, for a moment; then lines are left out and counted
/// until there is room again.
final class LogOutput: Sendable {
    private let descriptor: Int32
    private let patienceMilliseconds: Int32
    private let lostCount = Mutex(0)

    init(descriptor: Int32 = STDERR_FILENO, patienceMilliseconds: Int32 = 2_000) {
        self.descriptor = descriptor
        self.patienceMilliseconds = patienceMilliseconds
    }

    /// Writes a line, after `notice` of how many before it are missing; gives up what cannot be
    /// written, for a log must not end the daemon.
    func write(_ line: String, notice: (Int) -> String) {
        lostCount.withLock { lostCount in
            guard hasRoom(patient: lostCount == 0) else {
                lostCount += 1
                return
            }
            if lostCount > 0 { put(notice(lostCount) + "\n") }
            lostCount = 0
            if !put(line + "\n") { lostCount = 1 }
        }
    }

    private func hasRoom(patient: Bool) -> Bool {
        DescriptorReadiness.waitUntilWritable(
            descriptor, milliseconds: patient ? patienceMilliseconds : 0)
    }

    /// Writes as much as has room; whether that was all. What the kernel refuses for good counts as
    /// written: nobody can be told of it.
    @discardableResult
    private func put(_ text: String) -> Bool {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            // What is ready takes this many octets at once (pipe(7)).
            let piece = rest.prefix(Int(PIPE_BUF))
            guard hasRoom(patient: false) else { return false }
            guard let count = DescriptorReadiness.write(piece, to: descriptor) else { return true }
            rest = rest.dropFirst(count)
        }
        return true
    }
}
