import ControlProtocol
import Daemon
import Foundation
@testable import GatewatchCLI
import LinuxSystem
import Synchronization
import Testing

/// The client against sockets of the kernel.
@Suite struct ControlClientTests {
    /// A path for a socket in a directory of its own, removed afterwards.
    private func withSocketPath(_ body: (String) throws -> Void) throws {
        let directory = FileManager.default.temporaryDirectory
            .appending(path: "gatewatch-test-\(UInt32.random(in: .min ... .max))")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        try body(directory.appending(path: "control.sock").path)
    }

    private func http(_ status: String, _ body: some Encodable) throws -> String {
        let body = String(decoding: try ControlCoding.line(body), as: UTF8.self)
        return "HTTP/1.1 \(status)\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    /// What a client sends, and what it gets from a server that answers so.
    private func ask<Value>(
        answer: String, _ body: (borrowing ControlClient) throws -> Value
    ) throws -> (request: String, outcome: Result<Value, any Error>) {
        let directory = FileManager.default.temporaryDirectory
            .appending(path: "gatewatch-test-\(UInt32.random(in: .min ... .max))")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let path = directory.appending(path: "control.sock").path
        let server = try CannedServer(path, answer)
        let outcome = Result { try body(try ControlClient.connected(to: path)) }
        return (server.finish(), outcome)
    }

    @Test func `A question is answered`() throws {
        let report = Samples.report([Samples.session("tor-a", .up)])
        let (request, outcome) = try ask(answer: http("200 OK", report)) {
            try $0.ask(.status(peer: nil))
        }
        #expect(request.hasPrefix("GET /v1/sessions HTTP/1.1\r\n"))
        #expect(try outcome.get() == .status(report))
    }

    @Test func `A refusal becomes an error with its next step`() throws {
        let refusal = FailureReport(error: .unknownPeer("tor-x"))
        let (request, outcome) = try ask(answer: http("404 Not Found", refusal)) {
            try $0.ask(.disablePeer(name: "tor-x"))
        }
        #expect(request.hasPrefix("PATCH /v1/sessions/tor-x HTTP/1.1\r\n"))
        #expect(request.contains(#"{"admin-down":true}"#))
        #expect(throws: CommandError(.unknownPeer("tor-x"))) { try outcome.get() }
    }

    @Test(arguments: [
        "", "HTTP/1.1 200 OK\r\nContent-Le", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", "hello\n",
        "HTTP/1.1 500 Oh\r\nContent-Length: 2\r\n\r\n{}",
    ])
    func `An answer that is cut short or none at all is an error`(_ answer: String) throws {
        let outcome = try ask(answer: answer) { try $0.ask(.routes) }.outcome
        #expect(throws: CommandError.self) { try outcome.get() }
    }

    @Test(arguments: [false, true])
    func `Events come line by line, however they are cut`(_ isCutShort: Bool) throws {
        let lines = try (1...3).map { (number: UInt64) -> String in
            let record = EventRecord(
                sequence: number, time: Timestamp(microseconds: 0), kind: .daemon, cause: "x")
            return String(decoding: try ControlCoding.line(record), as: UTF8.self)
        }.joined()
        let cut = lines.index(lines.startIndex, offsetBy: 10)
        let chunks = [lines[..<cut], lines[cut...]].map {
            String($0.utf8.count, radix: 16) + "\r\n\($0)\r\n"
        }.joined()
        let end = isCutShort ? "" : "0\r\n\r\n"
        let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        let (request, outcome) = try ask(answer: head + chunks + end) { client in
            var numbers: [UInt64] = []
            let failure = Result {
                try client.events(follow: false, since: 1) { numbers.append($0.sequence) }
            }
            return (numbers, failure)
        }
        #expect(request.hasPrefix("GET /v1/events?since=1 HTTP/1.1\r\n"))
        let (numbers, result) = try outcome.get()
        #expect(numbers == [1, 2, 3])
        if isCutShort { #expect(throws: CommandError.self) { try result.get() } }
    }

    @Test func `An absent socket, a stale one and a forbidden one are told apart`() throws {
        try withSocketPath { path in
            let absent = ControlClient.unreachable(path, .noSuchFile)
            #expect(throws: absent) { _ = try ControlClient.connected(to: path) }
            do { _ = try UnixListener.listening(at: path, mode: 0o600) }
            let stale = ControlClient.unreachable(path, .connectionRefused)
            #expect(throws: stale) { _ = try ControlClient.connected(to: path) }
            let forbidden = ControlClient.unreachable(path, .permissionDenied)
            #expect(Set([absent, stale, forbidden].map(\.nextStep)).count == 3)
            #expect([absent, stale, forbidden].allSatisfy { $0.message.contains(path) })
        }
    }

    @Test func `A stale socket is replaced and a served one is not`() throws {
        try withSocketPath { path in
            do { _ = try UnixListener.listening(at: path, mode: 0o600) }
            let listener = try UnixListener.listening(at: path, mode: 0o600)
            #expect(throws: SystemError.self) {
                _ = try UnixListener.listening(at: path, mode: 0o600)
            }
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
            #expect(mode as? Int == 0o600)
            listener.unlink()
            #expect(!FileManager.default.fileExists(atPath: path))
        }
    }

    @Test func `The server knows the user at the other end`() throws {
        try withSocketPath { path in
            let listener = try UnixListener.listening(at: path, mode: 0o600)
            let client = try UnixStream.connected(to: path)
            guard let server = try listener.accept() else {
                Issue.record("nobody waits")
                return
            }
            #expect(try server.peerUserID() == getuid())
            if let _ = try listener.accept() { Issue.record("somebody else waits") }
            _ = client
        }
    }

    @Test func `A path too long for a socket is an error`() {
        let path = "/tmp/" + String(repeating: "x", count: 200)
        #expect(throws: CommandError.self) { _ = try ControlClient.connected(to: path) }
    }
}

/// Answers one client with given octets, whatever it asks, and closes the connection.
private final class CannedServer: Sendable {
    private let listener: UnixListener
    private let answer: String
    private let request = Mutex<[UInt8]>([])
    private let done = DispatchSemaphore(value: 0)

    init(_ path: String, _ answer: String) throws {
        listener = try UnixListener.listening(at: path, mode: 0o600)
        self.answer = answer
        // A thread of its own: those of tests are few, and all of them may be waiting.
        try SystemThread.start(name: "server") { [self] in
            try? serve()
            done.signal()
        }.detach()
    }

    /// What was asked.
    func finish() -> String {
        _ = done.wait(timeout: .now() + 10)
        return request.withLock { String(decoding: $0, as: UTF8.self) }
    }

    private func serve() throws {
        while true {
            guard let stream = try listener.accept() else {
                usleep(1_000)
                continue
            }
            while !isWhole {
                guard try stream.waitForInput(milliseconds: 5_000) else { return }
                var bytes: [UInt8] = []
                guard try stream.read(appendingTo: &bytes, limit: 100) != 0 else { return }
                request.withLock { $0 += bytes }
            }
            var rest = Array(answer.utf8)[...]
            while !rest.isEmpty { rest = rest.dropFirst(try stream.write(rest)) }
            return
        }
    }

    private var isWhole: Bool {
        let text = request.withLock { String(decoding: $0, as: UTF8.self) }
        guard let end = text.firstRange(of: "\r\n\r\n") else { return false }
        return !text.contains("Content-Length") || text[end.upperBound...].contains("}")
    }
}
