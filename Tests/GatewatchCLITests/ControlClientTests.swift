import ControlProtocol
import Daemon
import Foundation
@testable import GatewatchCLI
import LinuxSystem
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

    /// Answers one client with these octets, whatever it asks, and closes the connection.
    private func serve(_ listener: borrowing UnixListener, _ answer: [UInt8]) throws -> [UInt8] {
        let deadline = Date.now.addingTimeInterval(5)
        while Date.now < deadline {
            guard let stream = try listener.accept() else { continue }
            var request: [UInt8] = []
            while !request.contains(UInt8(ascii: "\n")), Date.now < deadline {
                _ = try stream.read(appendingTo: &request, limit: 100)
            }
            var rest = answer[...]
            while !rest.isEmpty, Date.now < deadline {
                rest = rest.dropFirst(try stream.write(rest))
            }
            return request
        }
        return []
    }

    /// What a client gets that asks a server which answers so.
    private func ask(_ request: Request, answer: [UInt8]) throws -> Result<Reply, any Error> {
        var result = Result<Reply, any Error>.failure(StandardStreams.OutputClosed())
        try withSocketPath { path in
            let listener = try UnixListener.listening(at: path, mode: 0o600)
            var client = try ControlClient.connected(to: path)
            try client.send(request)
            let asked = try serve(listener, answer)
            #expect(try ControlCoding.decode(Request.self, from: asked) == request)
            result = Result { try client.nextReply() }
        }
        return result
    }

    @Test func `A question is answered`() throws {
        let report = Samples.report([Samples.session("tor-a", .up)])
        let answer = try ControlCoding.line(Reply.status(report))
        #expect(try ask(.status(peer: nil), answer: answer).get() == .status(report))
    }

    @Test func `A refusal becomes an error with its next step`() throws {
        let answer = try ControlCoding.line(Reply.error(.unknownPeer("tor-x")))
        #expect(throws: CommandError(.unknownPeer("tor-x"))) {
            try ask(.disablePeer(name: "tor-x"), answer: answer).get()
        }
    }

    @Test(arguments: ["", "{\"status\":", "{}\n", "hello\n"])
    func `An answer that is cut short or none at all is an error`(_ answer: String) throws {
        #expect(throws: CommandError.self) {
            try ask(.routes, answer: Array(answer.utf8)).get()
        }
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
