internal import ControlProtocol
internal import EventLoop
internal import LinuxSystem

/// One client of the control socket: reads requests line by line, writes replies as it can take
/// them. Bounded both ways; a client that does not read what it asked for is cut off.
final class ControlConnection {
    private static let maximumUnsent = 16 << 20

    private let stream: UnixStream
    private let loop: EventLoop
    private let onRequest: (ControlConnection, ArraySlice<UInt8>) -> Void
    private let onClose: (ControlConnection) -> Void
    private var readWatcher: DescriptorWatcher?
    private var writeWatcher: DescriptorWatcher?
    private var received: [UInt8] = []
    private var unsent: ArraySlice<UInt8> = []
    private var closesWhenSent = false
    private var isClosed = false
    /// Whether events are sent as they happen.
    var followsEvents = false
    /// When the client last asked something, in monotonic nanoseconds.
    private(set) var lastActive: Int64

    init(
        _ stream: consuming UnixStream, _ loop: EventLoop,
        onRequest: @escaping (ControlConnection, ArraySlice<UInt8>) -> Void,
        onClose: @escaping (ControlConnection) -> Void
    ) {
        self.stream = stream
        self.loop = loop
        self.onRequest = onRequest
        self.onClose = onClose
        lastActive = Clock.monotonicNanoseconds()
        readWatcher = DescriptorWatcher(loop, descriptor: self.stream.descriptor) { [weak self] in
            self?.read()
        }
    }

    /// Sends a reply, or keeps it until the client can take it.
    func send(_ reply: Reply) {
        guard !isClosed, let bytes = try? ControlCoding.line(reply) else { return }
        unsent.append(contentsOf: bytes)
        if unsent.count > Self.maximumUnsent { return close() }
        write()
    }

    /// Ends the connection once all replies have been taken.
    func finish() {
        closesWhenSent = true
        readWatcher = nil
        if unsent.isEmpty { close() }
    }

    func close() {
        guard !isClosed else { return }
        isClosed = true
        readWatcher = nil
        writeWatcher = nil
        onClose(self)
    }

    private func read() {
        do throws(SystemError) {
            let count = try stream.read(appendingTo: &received, limit: 16_384)
            guard let count else { return }
            if count == 0 { return unsent.isEmpty ? close() : finish() }
        } catch {
            return close()
        }
        takeRequests()
    }

    private func takeRequests() {
        var rest = received[...]
        while !isClosed, !closesWhenSent, let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            lastActive = Clock.monotonicNanoseconds()
            onRequest(self, rest[..<end])
            rest = rest[(end + 1)...]
        }
        received = Array(rest)
        if received.count > Request.maximumByteCount {
            send(.error(.tooLarge()))
            finish()
        }
    }

    private func write() {
        do throws(SystemError) {
            while !unsent.isEmpty {
                let count = try stream.write(unsent)
                if count == 0 { break }
                unsent = unsent.dropFirst(count)
            }
        } catch {
            return close()
        }
        if unsent.isEmpty {
            unsent = []
            writeWatcher = nil
            if closesWhenSent { close() }
        } else if writeWatcher == nil {
            writeWatcher = DescriptorWatcher(
                loop, descriptor: stream.descriptor, interest: .writable
            ) { [weak self] in self?.write() }
        }
    }
}
