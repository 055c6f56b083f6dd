internal import BFDCore
internal import LinuxSystem

/// The sockets that all sessions receive by, one per family and port.
///
/// The kernel stamps packets with wall-clock time. A stamp becomes an age at the moment of reading,
/// at most the time since everything had been read before, and the age a monotonic moment: a wall
/// clock that steps cannot make a packet older than that, nor younger than now.
struct Receiver: ~Copyable {
    /// What to watch: one descriptor per family.
    let descriptors: [Int32]
    private var batch: DatagramBatch
    /// Everything that arrived before this moment has been read.
    private var drainedUntil: Int64

    /// Opens the sockets; a kernel without IPv6 is served without it.
    static func listening() throws(SystemError) -> Receiver {
        // A Control packet takes 24 to 255 octets; more is padding and need not be seen.
        let batch = try DatagramBatch(capacity: 64, byteCapacity: 256)
        let ipv4 = try listen(isIPv6: false)
        let ipv6 = try listenIfSupported()
        guard let ipv6 else { return Receiver([ipv4.take()], batch) }
        return Receiver([ipv4.take(), ipv6], batch)
    }

    private static func listenIfSupported() throws(SystemError) -> Int32? {
        do throws(SystemError) {
            return try listen(isIPv6: true).take()
        } catch {
            guard error.errno == .familyNotSupported else { throw error }
            return nil
        }
    }

    private init(_ descriptors: [Int32], _ batch: consuming DatagramBatch) {
        self.descriptors = descriptors
        self.batch = batch
        drainedUntil = Clock.monotonicNanoseconds()
    }

    deinit {
        for descriptor in descriptors { _ = OwnedDescriptor(owning: descriptor) }
    }

    /// Reads all that arrived before a moment, and hands it over in order of arrival per socket.
    mutating func drain(
        arrivedBefore judged: Instant, _ body: (Arrival, borrowing Span<UInt8>) -> Void
    ) {
        for descriptor in descriptors { drain(descriptor, judged, body) }
        drainedUntil = judged.nanoseconds
    }

    private mutating func drain(
        _ descriptor: Int32, _ judged: Instant, _ body: (Arrival, borrowing Span<UInt8>) -> Void
    ) {
        while true {
            let count = batch.read(from: descriptor)
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

    private static func listen(isIPv6: Bool) throws(SystemError) -> DatagramSocket {
        let socket = try DatagramSocket(isIPv6: isIPv6)
        // Room for seconds of packets: a stopped daemon must find the latest when it goes on.
        try socket.setReceiveBuffer(byteCount: 8 << 20)
        try socket.bind(nil, port: Transport.singleHop.destinationPort)
        return socket
    }
}
