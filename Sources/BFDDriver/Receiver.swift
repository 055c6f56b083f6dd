internal import BFDCore
internal import LinuxSystem

/// The sockets that all sessions receive by, one per family and port: single hop always, several
/// hops once there is a session that needs it.
///
/// The kernel stamps packets with wall-clock time. A stamp becomes an age at the moment of reading,
/// at most the time since everything had been read before, and the age a monotonic moment: a wall
/// clock that steps cannot make a packet older than that, nor younger than now.
struct Receiver: ~Copyable {
    private struct Listener {
        let descriptor: Int32
        let transport: Transport
    }

    /// The octets of a datagram that are looked at: a jumbo frame's.
    private static let byteCapacity = 9_216

    private var listeners: [Listener] = []
    private var batch: DatagramBatch
    /// Everything that arrived before this moment has been read.
    private var drainedUntil: Int64

    /// Opens the sockets; a kernel without IPv6 is served without it.
    static func listening() throws(SystemError) -> Receiver {
        let batch = try DatagramBatch(capacity: 64, byteCapacity: byteCapacity)
        var receiver = Receiver(batch)
        try receiver.listen(for: .singleHop)
        return receiver
    }

    private init(_ batch: consuming DatagramBatch) {
        self.batch = batch
        drainedUntil = Clock.monotonicNanoseconds()
    }

    deinit {
        for listener in listeners { _ = OwnedDescriptor(owning: listener.descriptor) }
    }

    /// What to watch: one descriptor per family and port.
    var descriptors: [Int32] { listeners.map(\.descriptor) }

    /// Opens the sockets of a transport unless they are open; returns the new descriptors to watch.
    @discardableResult
    mutating func listen(for transport: Transport) throws(SystemError) -> [Int32] {
        if listeners.contains(where: { $0.transport == transport }) { return [] }
        let ipv4 = try Self.listen(isIPv6: false, transport)
        let ipv6 = try Self.listenIfSupported(transport)
        let opened = [ipv4.take()] + (ipv6.map { [$0] } ?? [])
        listeners += opened.map { Listener(descriptor: $0, transport: transport) }
        return opened
    }

    private static func listenIfSupported(_ transport: Transport) throws(SystemError) -> Int32? {
        do throws(SystemError) {
            return try listen(isIPv6: true, transport).take()
        } catch {
            guard error.errno == .familyNotSupported else { throw error }
            return nil
        }
    }

    /// Reads all that arrived before a moment, and hands it over in order of arrival per socket.
    mutating func drain(
        arrivedBefore judged: Instant, _ body: (Arrival, borrowing Span<UInt8>) -> Void
    ) {
        for index in listeners.indices { drain(listeners[index], judged, body) }
        drainedUntil = judged.nanoseconds
    }

    private mutating func drain(
        _ listener: Listener, _ judged: Instant, _ body: (Arrival, borrowing Span<UInt8>) -> Void
    ) {
        while true {
            let count = batch.read(from: listener.descriptor)
            guard count > 0 else { return }
            let monotonic = Clock.monotonicNanoseconds()
            let realtime = Clock.realtimeNanoseconds()
            var last = monotonic
            for index in 0..<count {
                let arrival = batch.arrival(index)
                last = receiveTime(of: arrival, monotonic, realtime)
                let core = Arrival(
                    source: IPAddress(arrival.source), destination: IPAddress(arrival.destination),
                    interfaceIndex: arrival.interfaceIndex, hopLimit: arrival.hopLimit,
                    transport: listener.transport,
                    receivedAt: Instant(nanoseconds: last))
                batch.withBytes(index) { bytes in body(core, bytes) }
            }
            // A packet that came after the moment was behind all that came before it.
            if count < batch.capacity || last > judged.nanoseconds { return }
        }
    }

    private func receiveTime(
        of arrival: DatagramArrival, _ monotonic: Int64, _ realtime: Int64
    ) -> Int64 {
        guard let stamp = arrival.realtimeNanoseconds else { return monotonic }
        let age = min(max(realtime - stamp, 0), max(monotonic - drainedUntil, 0))
        return monotonic - age
    }

    private static func listen(
        isIPv6: Bool, _ transport: Transport
    ) throws(SystemError) -> DatagramSocket {
        let socket = try DatagramSocket(isIPv6: isIPv6)
        // Room for seconds of packets: a stopped daemon must find the latest when it goes on.
        try socket.setReceiveBuffer(byteCount: 8 << 20)
        try socket.bind(nil, port: transport.destinationPort)
        return socket
    }
}
