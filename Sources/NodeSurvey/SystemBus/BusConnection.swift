internal import LinuxSystem

/// Why the bus could not be asked.
enum BusError: Error, Hashable {
    /// Nobody serves the socket, or the connection broke.
    case system(SystemError)
    /// The bus does not accept this user, or does not speak its protocol.
    case refused
    /// The bus or the one who was asked answered with an error of this name.
    case answered(String)
    /// No answer came in time.
    case timedOut
}

/// A connection to a message bus, for the few questions that are asked here.
///
/// Messages are written by hand: there is no program or library for it that every node has, least
/// of all in a container into which only the socket of the host is mounted.
struct BusConnection: ~Copyable {
    private let stream: UnixStream
    private let deadline: Int64
    private var received: [UInt8] = []
    private var serial: UInt32 = 0
    /// The protocol's own limit is eight times this; a list of links is far from either.
    private static let longest = 16 << 20

    private init(_ stream: consuming UnixStream, deadline: Int64) {
        self.stream = stream
        self.deadline = deadline
    }

    /// Connects, says who we are and takes part; all questions together may take `nanoseconds`.
    static func opened(
        at path: String, nanoseconds: Int64
    ) throws(BusError) -> BusConnection {
        let stream: UnixStream
        do throws(SystemError) {
            stream = try UnixStream.connected(to: path)
        } catch {
            throw .system(error)
        }
        var connection = BusConnection(
            stream, deadline: Clock.monotonicNanoseconds() + nanoseconds)
        try connection.authenticate()
        _ = try connection.ask(Self.bus("Hello"))
        return connection
    }

    /// A question to the bus itself.
    static func bus(_ member: String, _ arguments: String...) -> BusCall {
        BusCall(
            destination: "org.freedesktop.DBus", path: "/org/freedesktop/DBus",
            interface: "org.freedesktop.DBus", member: member, arguments: arguments)
    }

    /// Asks, and waits for the answer.
    mutating func ask(_ call: BusCall) throws(BusError) -> [BusValue] {
        serial += 1
        try send(call.encoded(serial: serial))
        while true {
            let bytes = try nextMessage()
            // Signals come between; what does not parse answers nothing.
            guard let message = BusMessage(bytes), message.replySerial == serial else { continue }
            switch message.kind {
            case .answer: return message.values
            case .error: throw .answered(message.errorName ?? "")
            case .call, .signal: continue
            }
        }
    }

    /// The kernel tells the bus who we are; the number is only what we claim.
    private mutating func authenticate() throws(BusError) {
        try send([0] + Array("AUTH EXTERNAL\r\nDATA\r\n".utf8))
        var isAccepted = false
        while !isAccepted {
            while let end = received.firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: received[..<end], as: UTF8.self)
                received.removeFirst(end + 1)
                if line.hasPrefix("OK ") { isAccepted = true }
                if line.hasPrefix("REJECTED") || line.hasPrefix("ERROR") { throw .refused }
            }
            if !isAccepted { try receive() }
        }
        try send(Array("BEGIN\r\n".utf8))
    }

    private mutating func nextMessage() throws(BusError) -> [UInt8] {
        while true {
            if let length = BusMessage.length(received) {
                guard length <= Self.longest else { throw .refused }
                if received.count >= length {
                    let message = Array(received[..<length])
                    received.removeFirst(length)
                    return message
                }
            }
            try receive()
        }
    }

    private mutating func receive() throws(BusError) {
        let left = (deadline - Clock.monotonicNanoseconds()) / 1_000_000
        guard left > 0 else { throw .timedOut }
        let count: Int?
        do throws(SystemError) {
            let isReadable = try stream.waitForInput(milliseconds: Int32(clamping: left))
            count = isReadable ? try stream.read(appendingTo: &received, limit: 65_536) : nil
        } catch {
            throw .system(error)
        }
        // The bus hangs up on whom it does not want.
        if count == 0 { throw .refused }
    }

    private borrowing func send(_ bytes: [UInt8]) throws(BusError) {
        do throws(SystemError) {
            var rest = bytes[...]
            while !rest.isEmpty { rest = rest.dropFirst(try stream.write(rest)) }
        } catch {
            throw .system(error)
        }
    }
}
