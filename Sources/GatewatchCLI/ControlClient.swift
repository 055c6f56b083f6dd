internal import ControlProtocol
internal import Daemon
internal import LinuxSystem
internal import NIOCore
internal import NIOHTTP1

/// Asks a running daemon over its control socket, and waits for the answer.
struct ControlClient: ~Copyable {
    /// How long the daemon may take to answer. It answers in well under a millisecond.
    static let patienceMilliseconds: Int32 = 5_000
    /// The longest answer that is read: the status of 10,000 sessions is a tenth of it.
    private static let maximumByteCount = 128 << 20

    let path: String
    private let stream: UnixStream
    private let messages = HTTPMessages()

    private init(path: String, stream: consuming UnixStream) {
        self.path = path
        self.stream = stream
    }

    /// Connects to the socket at `path`.
    static func connected(to path: String) throws(CommandError) -> ControlClient {
        do throws(SystemError) {
            return ControlClient(path: path, stream: try UnixStream.connected(to: path))
        } catch {
            throw Self.unreachable(path, error.errno)
        }
    }

    /// Asks one question and waits for the answer, without end when `isPatient`. A refusal is
    /// thrown.
    func ask(_ request: Request, isPatient: Bool = false) throws -> Reply {
        try send(request)
        let isSuccess = try head(isPatient: isPatient)
        var body: [UInt8] = []
        while let bytes = try nextBytes() {
            guard body.count < Self.maximumByteCount else { throw disconnected("no end of it") }
            body += bytes
        }
        guard isSuccess else { throw refusal(body) }
        do {
            return try ControlCoding.reply(to: request, from: body)
        } catch {
            throw misunderstood()
        }
    }

    /// Hands out events as they come, those kept from `since` on first; with `follow` until
    /// the daemon ends, which is thrown.
    func events(
        follow: Bool, since: UInt64?, _ body: (EventRecord) throws -> Void
    ) throws {
        try send(.events(follow: follow, since: since))
        let isSuccess = try head()
        var buffer: [UInt8] = []
        while let bytes = try nextBytes(isPatient: follow) {
            buffer += bytes
            while isSuccess, let newline = buffer.firstIndex(of: UInt8(ascii: "\n")) {
                try body(try event(buffer[..<newline]))
                buffer.removeFirst(newline + 1)
            }
        }
        guard isSuccess else { throw refusal(buffer) }
        if follow { throw disconnected("it has ended") }
    }

    /// Hands out packets as they come, and nothing ten times a second, until `body` has enough.
    func capture(peers: [String], _ body: ([UInt8]) throws -> Bool) throws {
        try send(.capture(peers: peers))
        guard try head() else {
            var answer: [UInt8] = []
            while let bytes = try nextBytes() { answer += bytes }
            throw refusal(answer)
        }
        while try body([]) {
            while let part = messages.next() {
                switch part {
                case .body(let bytes):
                    guard try body(Array(bytes.readableBytesView)) else { return }
                case .end: throw disconnected("it has ended")
                case .head: throw misunderstood()
                }
            }
            if try stream.waitForInput(milliseconds: 100) { try readNow() }
        }
    }

    private func send(_ request: Request) throws {
        var rest = try messages.octets(
            of: request, body: request.body.map { try ControlCoding.line($0) } ?? [])[...]
        do throws(SystemError) {
            while !rest.isEmpty { rest = rest.dropFirst(try stream.write(rest)) }
        } catch {
            // A server that is full answers before it is asked.
            try? readMore(isPatient: false)
            if messages.isEmpty { throw disconnected("\(error)") }
        }
    }

    /// Whether the request was granted.
    private func head(isPatient: Bool = false) throws -> Bool {
        switch try nextPart(isPatient: isPatient) {
        case .head(let head): return (200..<300).contains(head.status.code)
        case .body, .end: throw misunderstood()
        }
    }

    /// The next octets of the body; nil after the last.
    private func nextBytes(isPatient: Bool = false) throws -> [UInt8]? {
        switch try nextPart(isPatient: isPatient) {
        case .body(let bytes): return Array(bytes.readableBytesView)
        case .end: return nil
        case .head: throw misunderstood()
        }
    }

    private func nextPart(isPatient: Bool) throws -> HTTPClientResponsePart {
        while true {
            if let part = messages.next() { return part }
            try readMore(isPatient: isPatient)
        }
    }

    private func readMore(isPatient: Bool) throws {
        let patience = isPatient ? nil : Self.patienceMilliseconds
        switch try stream.wait(milliseconds: patience) {
        case .readable: break
        case .outputClosed: throw StandardStreams.OutputClosed()
        case .timedOut:
            throw CommandError(
                "the daemon at \(path) took the request and did not answer within "
                    + "\(Self.patienceMilliseconds / 1_000) s",
                nextStep: "See its log; if the process hangs, restart it: routes stay in place "
                    + "when it is killed with -9.")
        }
        try readNow()
    }

    private func readNow() throws {
        var bytes: [UInt8] = []
        do throws(SystemError) {
            if try stream.read(appendingTo: &bytes, limit: 65_536) == 0 {
                throw SystemError(operation: "", errno: Errno(rawValue: 0))
            }
        } catch {
            throw disconnected(
                error.errno.rawValue == 0 ? "it closed the connection" : "\(error)")
        }
        do {
            try messages.take(bytes)
        } catch {
            throw misunderstood()
        }
    }

    private func event(_ line: ArraySlice<UInt8>) throws -> EventRecord {
        do {
            return try ControlCoding.decode(EventRecord.self, from: line)
        } catch {
            throw misunderstood()
        }
    }

    private func refusal(_ body: [UInt8]) -> CommandError {
        guard let report = try? ControlCoding.decode(FailureReport.self, from: body) else {
            return misunderstood()
        }
        return CommandError(report.error)
    }
}
