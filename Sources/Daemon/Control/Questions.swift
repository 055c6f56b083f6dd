internal import BFDDriver
internal import ControlProtocol
internal import LinuxSystem
internal import NIOCore

/// The way from the server's thread to the main thread and back.
struct Questions: Sendable {
    /// How long the main thread may take; `explain` takes the longest, two seconds.
    private static let patience = TimeAmount.seconds(8)

    let mailbox: Mailbox<ControlQuestion>
    let loop: any EventLoop

    /// Asks the main thread; waits without end if `isPatient`.
    func ask(
        _ request: Request, isPatient: Bool = false, _ box: CaptureBox = CaptureBox()
    ) async throws(Failure) -> Reply {
        let (answers, answer) = AsyncStream.makeStream(
            of: Reply.self, bufferingPolicy: .bufferingOldest(1))
        let question = ControlQuestion(request: request, answer: answer, capture: box)
        let end = isPatient ? nil : loop.scheduleTask(in: Self.patience) { answer.finish() }
        answer.onTermination = { _ in question.withdrawal.make() }
        guard mailbox.post(question) else { throw .crowded() }
        for await reply in answers {
            end?.cancel()
            if case .error(let failure) = reply { throw failure }
            return reply
        }
        end?.cancel()
        throw .stopping()
    }
}
