internal import LinuxSystem
internal import Synchronization

/// Whether a thread still serves its loop: it answers what it is asked, in its own time.
///
/// Asking waits for nothing. So whoever asks every few seconds learns of a thread that hangs, and
/// does not hang with it.
public final class Pulse: Sendable {
    private let asked = Atomic<UInt64>(0)
    private let answered = Atomic<UInt64>(0)
    private let moment = Atomic<Int64>(0)
    private let patience: Int64

    /// A thread that has not been asked yet; an answer may take `patience` nanoseconds.
    public init(patience: Int64) {
        self.patience = patience
    }

    /// Whether the last question has been answered, or still may be; asks the next one, by `post`,
    /// when there is none under way. One thread asks.
    public func take(_ post: (UInt64) -> Void) -> Bool {
        let last = asked.load(ordering: .relaxed)
        let now = Clock.monotonicNanoseconds()
        guard answered.load(ordering: .acquiring) == last else {
            return now - moment.load(ordering: .relaxed) < patience
        }
        asked.store(last + 1, ordering: .relaxed)
        moment.store(now, ordering: .relaxed)
        post(last + 1)
        return true
    }

    /// The thread's answer to a question.
    public func answer(_ number: UInt64) {
        answered.store(number, ordering: .releasing)
    }
}
