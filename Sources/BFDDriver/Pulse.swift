internal import Synchronization

/// Whether a thread still serves its loop: it answers what it is asked, in its own time.
///
/// Asking waits for nothing. So whoever asks every few seconds learns of a thread that hangs, and
/// does not hang with it.
public final class Pulse: Sendable {
    private let asked = Atomic<UInt64>(0)
    private let answered = Atomic<UInt64>(0)

    /// A thread that has not been asked yet.
    public init() {}

    /// Whether the last question has been answered; true before the first.
    public var isBeating: Bool {
        answered.load(ordering: .acquiring) == asked.load(ordering: .relaxed)
    }

    /// The number of the next question. One thread asks.
    public func ask() -> UInt64 {
        asked.add(1, ordering: .relaxed).newValue
    }

    /// The thread's answer to a question.
    public func answer(_ number: UInt64) {
        answered.store(number, ordering: .releasing)
    }
}
