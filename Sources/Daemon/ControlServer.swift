internal import ControlProtocol
internal import EventLoop
internal import Foundation
internal import LinuxSystem

/// Carries requests and replies over a Unix socket, a JSON object a line.
///
/// Runs in the main thread: what its clients do delays no packet and no route.
final class ControlServer {
    private static let maximumClients = 128
    private static let idleNanoseconds: Int64 = 30_000_000_000

    private let listener: UnixListener
    private let loop: EventLoop
    private var answer: ((Request, ControlConnection) -> Void)?
    private var watcher: DescriptorWatcher?
    private var connections: [ObjectIdentifier: ControlConnection] = [:]
    private let ownUserID: UInt32

    /// Takes the path; clients that come before `serve` wait.
    init(path: String, _ loop: EventLoop) throws(DaemonError) {
        self.loop = loop
        ownUserID = geteuid()
        let directory = (path as NSString).deletingLastPathComponent
        try? FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o755])
        do throws(SystemError) {
            listener = try UnixListener.listening(at: path, mode: 0o600)
        } catch {
            throw Self.refusal(path, error)
        }
    }

    /// Begins to answer clients.
    func serve(answer: @escaping (Request, ControlConnection) -> Void) {
        self.answer = answer
        watcher = DescriptorWatcher(loop, descriptor: listener.descriptor) { [weak self] in
            self?.accept()
        }
    }

    /// Sends an event to all who follow.
    func publish(_ record: EventRecord) {
        for connection in connections.values where connection.followsEvents {
            connection.send(.event(record))
        }
    }

    /// Takes the name away and ends all connections.
    func close() {
        listener.unlink()
        watcher = nil
        for connection in connections.values { connection.finish() }
    }

    private func accept() {
        while true {
            do throws(SystemError) {
                guard let stream = try listener.accept() else { return }
                admit(stream)
            } catch {
                return
            }
        }
    }

    private func admit(_ stream: consuming UnixStream) {
        if connections.count >= Self.maximumClients { dropIdle() }
        let userID = try? stream.peerUserID()
        let connection = ControlConnection(
            stream, loop,
            onRequest: { [weak self] connection, line in self?.take(line, connection) },
            onClose: { [weak self] connection in
                self?.connections[ObjectIdentifier(connection)] = nil
            })
        connections[ObjectIdentifier(connection)] = connection
        if userID != 0 && userID != ownUserID {
            refuse(connection, .notPermitted, "only root and the daemon's own user may ask")
        } else if connections.count > Self.maximumClients {
            refuse(connection, .busy, "\(Self.maximumClients) clients are connected already")
        }
    }

    private func refuse(
        _ connection: ControlConnection, _ code: Failure.Code, _ message: String
    ) {
        let nextStep =
            code == .busy ? "Try again, or end clients that do nothing." : "Run it with sudo."
        connection.send(.error(Failure(code: code, message: message, nextStep: nextStep)))
        connection.finish()
    }

    /// Makes room by ending clients that have been asking nothing.
    private func dropIdle() {
        let limit = Clock.monotonicNanoseconds() - Self.idleNanoseconds
        for connection in connections.values
        where !connection.followsEvents && connection.lastActive < limit {
            connection.close()
        }
    }

    private func take(_ line: ArraySlice<UInt8>, _ connection: ControlConnection) {
        do {
            answer?(try ControlCoding.decode(Request.self, from: line), connection)
        } catch {
            connection.send(.error(.badRequest(Self.reason(error))))
        }
    }

    private static func reason(_ error: any Error) -> String {
        guard let error = error as? DecodingError else { return "\(error)" }
        switch error {
        case .keyNotFound(let key, _): return "\"\(key.stringValue)\" is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context),
            .dataCorrupted(let context):
            return context.debugDescription
        @unknown default: return "not understood"
        }
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
