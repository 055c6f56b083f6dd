internal import ControlProtocol
internal import Daemon
internal import LinuxSystem

/// Asks a running daemon over its control socket.
struct ControlClient: ~Copyable {
    /// How long the daemon may take to answer. It answers in well under a millisecond.
    static let patienceMilliseconds: Int32 = 5_000
    /// The longest reply that is read: the status of 10,000 sessions is a tenth of it.
    private static let maximumReplyByteCount = 128 << 20

    private let path: String
    private let stream: UnixStream
    private var buffer: [UInt8] = []
    private var searched = 0

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

    /// Sends one request.
    func send(_ request: Request) throws {
        var rest = try ControlCoding.line(request)[...]
        do throws(SystemError) {
            while !rest.isEmpty { rest = rest.dropFirst(try stream.write(rest)) }
        } catch {
            throw disconnected("\(error)")
        }
    }

    /// The next reply, waiting for it without end when `isPatient`. A refusal is thrown.
    mutating func nextReply(isPatient: Bool = false) throws -> Reply {
        while true {
            if let newline = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                let line = buffer[..<newline]
                defer {
                    buffer.removeFirst(newline + 1)
                    searched = 0
                }
                return try reply(line)
            }
            searched = buffer.count
            try readMore(isPatient: isPatient)
        }
    }

    private mutating func readMore(isPatient: Bool) throws {
        guard buffer.count < Self.maximumReplyByteCount else {
            throw disconnected("a reply without end")
        }
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
        do throws(SystemError) {
            if try stream.read(appendingTo: &buffer, limit: 65_536) == 0 {
                throw SystemError(operation: "", errno: Errno(rawValue: 0))
            }
        } catch {
            throw disconnected(
                error.errno.rawValue == 0 ? "it closed the connection" : "\(error)")
        }
    }

    private func reply(_ line: ArraySlice<UInt8>) throws -> Reply {
        let reply: Reply
        do {
            reply = try ControlCoding.decode(Reply.self, from: line)
        } catch {
            throw CommandError(
                "the answer of the daemon at \(path) cannot be understood",
                nextStep: "Use the gatewatch command of the daemon's version; this one is "
                    + "\(ProductVersion.text).")
        }
        if case .error(let failure) = reply { throw CommandError(failure) }
        return reply
    }

    private func disconnected(_ reason: String) -> CommandError {
        CommandError(
            "the daemon at \(path) went away: \(reason)",
            nextStep: "See whether it still runs, and its log: systemctl status gatewatch")
    }

    /// Why there is no connection, and what to do.
    static func unreachable(_ path: String, _ errno: Errno) -> CommandError {
        switch errno {
        case .noSuchFile:
            CommandError(
                "no daemon: there is no control socket at \(path)",
                nextStep: "Start it with \"gatewatch run FILE\", or name the socket of the one "
                    + "that runs with --socket PATH (\"control.socket\" in its configuration).")
        case .permissionDenied, .operationNotPermitted:
            CommandError(
                "no permission to use the control socket \(path)",
                nextStep: "Run the command as root or as the user of the daemon, such as with "
                    + "sudo.")
        case .connectionRefused:
            CommandError(
                "nobody serves the control socket \(path): the daemon that made it is "
                    + "gone, or it is no socket",
                nextStep: "Start it again with \"gatewatch run FILE\"; it replaces the socket by "
                    + "itself.")
        default:
            CommandError(
                "cannot connect to the control socket \(path): \(errno)",
                nextStep: "Check the path given with --socket.")
        }
    }
}
