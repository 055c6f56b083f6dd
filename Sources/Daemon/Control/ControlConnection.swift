internal import ControlProtocol
internal import Gatewatch
internal import Synchronization

/// A client's question, on its way from the server's thread to the main thread.
struct ControlQuestion: Sendable {
    /// Turns true when nobody waits for the answer any more.
    final class Withdrawal: Sendable {
        private let flag = Atomic<Bool>(false)
        var isMade: Bool { flag.load(ordering: .relaxed) }

        func make() { flag.store(true, ordering: .relaxed) }
    }

    let request: Request
    let answer: AsyncStream<Reply>.Continuation
    /// Where packets come from, if that is what was asked for.
    let capture: CaptureBox
    let withdrawal = Withdrawal()
}

/// Where packets come from, on its way from the main thread to the server's.
final class CaptureBox: Sendable {
    private let content = Mutex<PacketCapture?>(nil)

    func put(_ capture: PacketCapture) {
        content.withLock { $0 = capture }
    }

    /// Takes it out; nil when there is none.
    func take() -> PacketCapture? {
        content.withLock { content in
            defer { content = nil }
            return content
        }
    }
}

/// A client that waits for the answer to one question; it is told when that is forgotten.
///
/// Confined to the main thread.
final class ControlConnection {
    private let question: ControlQuestion

    init(_ question: ControlQuestion) {
        self.question = question
    }

    deinit {
        question.answer.finish()
    }

    /// Whether the client is gone, so that no answer is needed.
    var isGone: Bool { question.withdrawal.isMade }

    /// Answers with what packets come from.
    func send(_ capture: PacketCapture) {
        question.capture.put(capture)
        send(.capture)
    }

    /// Answers; only the first answer counts.
    func send(_ reply: Reply) {
        question.answer.yield(reply)
        question.answer.finish()
    }
}
