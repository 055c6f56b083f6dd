internal import ControlProtocol
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
    let withdrawal = Withdrawal()
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

    /// Answers; only the first answer counts.
    func send(_ reply: Reply) {
        question.answer.yield(reply)
        question.answer.finish()
    }
}
