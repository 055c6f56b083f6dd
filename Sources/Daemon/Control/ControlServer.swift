internal import BFDDriver
internal import ControlProtocol
internal import EventLoop
internal import Foundation
internal import LinuxSystem
internal import Logging

/// Carries requests and replies over HTTP on a Unix socket.
///
/// Connections and JSON are the work of a thread of their own (`HTTPService`); requests are
/// answered in the main thread. What clients do delays no packet and no route.
final class ControlServer {
    private let listener: UnixListener
    private let loop: EventLoop
    private let logger: Logger
    private let mailbox: Mailbox<ControlQuestion>
    private var answer: ((Request, ControlConnection) -> Void)?
    private var watcher: DescriptorWatcher?
    private var followers: [ControlConnection] = []
    private let service: HTTPService

    /// Takes the path; clients that come before `serve` wait.
    init(
        path: String, _ loop: EventLoop, _ service: HTTPService, _ logger: Logger
    ) throws(DaemonError) {
        self.loop = loop
        self.service = service
        self.logger = logger
        let directory = (path as NSString).deletingLastPathComponent
        try? FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o755])
        do throws(SystemError) {
            mailbox = try Mailbox(capacity: HTTPService.maximumClients)
            listener = try UnixListener.listening(at: path, mode: 0o600)
        } catch {
            throw Self.refusal(path, error)
        }
    }

    /// The way to the main thread, for whatever else is served.
    var questions: Questions { Questions(mailbox: mailbox, loop: service.loop) }

    /// Begins to answer clients, or goes on in another way.
    func serve(answer: @escaping (Request, ControlConnection) -> Void) {
        self.answer = answer
        guard watcher == nil else { return }
        watcher = DescriptorWatcher(loop, descriptor: mailbox.descriptor) { [weak self] in
            self?.takeQuestions()
        }
        do {
            let responder = ControlRouter(questions, service.counts, logger).responder
            let descriptor = try listener.duplicate()
            try service.serve(descriptor, responder, allowing: [0, geteuid()])
        } catch {
            logger.error("the control socket cannot be served: \(error)")
        }
    }

    /// Has a client wait for the next event.
    func follow(_ connection: ControlConnection) {
        followers.removeAll(where: \.isGone)
        followers.append(connection)
    }

    /// Sends an event to all who wait for one.
    func publish(_ record: EventRecord) {
        let page = EventsPage(events: [record], lastSequence: record.sequence)
        for follower in followers { follower.send(.events(page)) }
        followers = []
    }

    /// Takes the name away and ends all connections, those with an answer under way last.
    func close() {
        listener.unlink()
        takeQuestions()
        watcher = nil
        answer = nil
        followers = []
        service.stop()
    }

    private func takeQuestions() {
        var waiting: [ControlQuestion] = []
        _ = mailbox.takeAll(into: &waiting)
        for question in waiting { answer?(question.request, ControlConnection(question)) }
    }

    private static func refusal(_ path: String, _ error: SystemError) -> DaemonError {
        if error.errno == .addressInUse {
            return DaemonError(
                code: "socket", "another gatewatch serves the control socket \(path)",
                nextStep: "Stop it, or give this one another control socket and state directory.")
        }
        return DaemonError(
            code: "socket", "the control socket cannot be made (\(error))",
            nextStep: "Give control.socket a path in a directory that exists and can be written.")
    }
}
