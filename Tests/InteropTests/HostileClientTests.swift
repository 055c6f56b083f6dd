internal import Foundation
internal import LinuxSystem
internal import TestSupport
internal import Testing

extension Interop {
    /// Clients of the control socket that mean no good, or know no better.
    @Suite struct HostileClientTests {
        /// A daemon without anybody to talk to, in a namespace of its own.
        private func withDaemon(
            _ body: (GatewatchDaemon) async throws -> Void
        ) async throws {
            try await withLab { lab in
                let (daemon, _) = try GatewatchDaemon.idle(in: lab)
                try await daemon.start()
                try await body(daemon)
                #expect(try await daemon.terminate() == 0)
            }
        }

        @Test func `A thousand idle clients and more leave status within half a second`()
            async throws
        {
            _ = try DescriptorLimit.raise(to: 4_096)
            try await withDaemon { daemon in
                let idle = try Crowd(1_000, at: daemon.socket)
                var times = try (0..<20).map { _ in try RawClient.timeOfStatus(daemon.socket) }
                let more = try Crowd(200, at: daemon.socket)
                times += try (0..<20).map { _ in try RawClient.timeOfStatus(daemon.socket) }
                times.sort()
                print(
                    "status with 1,000 and 1,200 idle clients: median \(times[20]) µs, "
                        + "max \(times[39]) µs")
                #expect(times[20] < 500_000)
                let clients = try #require(try daemon.status().clients)
                #expect(clients.count <= 1_024)
                #expect(clients.ended["crowded", default: 0] >= 176)
                withExtendedLifetime((idle, more)) {}
            }
        }

        @Test func `Half requests and readers that do not read are cut off and counted`()
            async throws
        {
            try await withDaemon { daemon in
                let half = try ["G", "GET /v1/version HTTP/1.1\r\nHost: x\r\n"].map {
                    try RawClient(daemon.socket, sends: $0)
                }
                let body = "PATCH /v1/sessions/tor-a HTTP/1.1\r\nContent-Length: 20\r\n\r\n{"
                let halfBody = try RawClient(daemon.socket, sends: body)
                let question = "GET /v1/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n"
                let deaf = try RawClient(
                    daemon.socket, sends: String(repeating: question, count: 200))
                try await eventually("all are cut off", within: 60) {
                    let ended = try daemon.status().clients?.ended ?? [:]
                    return ended["unfinished-request"] == 3 && ended["slow-reader"] == 1
                }
                let times = try (0..<9).map { _ in try RawClient.timeOfStatus(daemon.socket) }
                #expect(times.sorted()[4] < 500_000)
                withExtendedLifetime((half, halfBody, deaf)) {}
            }
        }

        @Test func `Answers wait for few readers: the slowest of a crowd are cut off`()
            async throws
        {
            try await withDaemon { daemon in
                let question = "GET /v1/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n"
                let deaf = try (0..<200).map { _ in
                    try RawClient(daemon.socket, sends: String(repeating: question, count: 50))
                }
                // Sooner than any has had its time: there are too many of them.
                try await eventually("all but a few are cut off") {
                    try daemon.status().clients?.ended["slow-reader", default: 0] ?? 0 >= 152
                }
                let clients = try #require(try daemon.status().clients)
                #expect(clients.count < 60)
                withExtendedLifetime(deaf) {}
            }
        }

        @Test func `Garbage and requests too long are refused`() async throws {
            try await withDaemon { daemon in
                let garbage = String(repeating: "\u{1}\u{7F}x\n", count: 16_384)
                let long = String(repeating: "a", count: 65_537)
                let change = "PATCH /v1/sessions/tor-a HTTP/1.1\r\nContent-Length: "
                let cases = [
                    (garbage, "HTTP/1.1 400 "),
                    ("GET /\(long) HTTP/1.1\r\n\r\n", "HTTP/1.1 400 "),
                    ("GET / HTTP/1.1\r\nX: \(long)\r\n\r\n", "HTTP/1.1 400 "),
                    ("\(change)65537\r\n\r\n\(long)", "HTTP/1.1 413 "),
                    ("\(change)2\r\n\r\n{]", "HTTP/1.1 400 "),
                ]
                for (request, answer) in cases {
                    let client = try RawClient(daemon.socket, sends: request)
                    #expect(try client.read(until: "\r\n").hasPrefix(answer))
                }
                #expect(try daemon.session("tor-a").running.localState != "adminDown")
            }
        }

        @Test func `A client that goes in the middle of the stream is forgotten`() async throws {
            try await withDaemon { daemon in
                do {
                    let question = "GET /v1/events?follow=true HTTP/1.1\r\nHost: x\r\n\r\n"
                    let clients = try (0..<50).map { _ in
                        try RawClient(daemon.socket, sends: question)
                    }
                    for client in clients { _ = try client.read(until: "started") }
                    #expect(try #require(daemon.status().clients).count >= 50)
                }
                try await eventually("they are forgotten") {
                    try #require(daemon.status().clients).count < 5
                }
                try daemon.command("peer", "disable", "tor-a")
                #expect(try daemon.session("tor-a").running.localState == "adminDown")
            }
        }
    }
}

/// A connection that says what it is told to say.
private final class RawClient {
    private let stream: UnixStream

    /// Sends as much as the other end takes.
    init(_ path: String, sends text: String = "") throws {
        stream = try UnixStream.connected(to: path)
        let bytes = Array(text.utf8)
        var flags = fcntl(stream.descriptor, F_GETFL)
        flags |= O_NONBLOCK
        _ = fcntl(stream.descriptor, F_SETFL, flags)
        var rest = bytes[...]
        let deadline = Clock.monotonicNanoseconds() + 1_000_000_000
        while !rest.isEmpty, Clock.monotonicNanoseconds() < deadline {
            guard let count = try? stream.write(rest) else { return }
            rest = rest.dropFirst(count)
            if count == 0 { usleep(1_000) }
        }
    }

    /// What comes until a text is in it.
    func read(until text: String) throws -> String {
        var bytes: [UInt8] = []
        while !String(decoding: bytes, as: UTF8.self).contains(text) {
            guard try stream.waitForInput(milliseconds: 5_000) else {
                throw LabError("no \(text) in \(String(decoding: bytes, as: UTF8.self))")
            }
            if try stream.read(appendingTo: &bytes, limit: 65_536) == 0 { break }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// How long a fresh client waits for the sessions, in microseconds.
    static func timeOfStatus(_ path: String) throws -> Int64 {
        let start = Clock.monotonicNanoseconds()
        let client = try RawClient(path, sends: "GET /v1/sessions HTTP/1.1\r\nHost: x\r\n\r\n")
        let answer = try client.read(until: "number-of-sessions-admin-down")
        guard answer.hasPrefix("HTTP/1.1 200 ") else { throw LabError(answer) }
        return (Clock.monotonicNanoseconds() - start) / 1_000
    }
}

/// Connections that say nothing.
private final class Crowd {
    private var descriptors: [Int32] = []

    init(_ count: Int, at path: String) throws {
        for _ in 0..<count {
            let stream = try UnixStream.connected(to: path)
            let copy = dup(stream.descriptor)
            guard copy >= 0 else { throw LabError("no descriptors left") }
            descriptors.append(copy)
        }
    }

    deinit {
        for descriptor in descriptors { close(descriptor) }
    }
}
