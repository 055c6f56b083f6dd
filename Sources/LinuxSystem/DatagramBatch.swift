internal import CLinux

/// What the kernel says of one received datagram.
public struct DatagramArrival: Sendable {
    /// The sender's address.
    public let source: SocketAddress
    /// The address it was sent to.
    public let destination: SocketAddress
    /// The index of the interface it came in by.
    public let interfaceIndex: UInt32
    /// TTL or hop limit; `nil` when the kernel gave none.
    public let hopLimit: UInt8?
    /// Its octets as sent, even where the buffer held fewer.
    public let byteCount: Int
    /// Wall-clock receive time in nanoseconds; `nil` when the kernel gave none.
    public let realtimeNanoseconds: Int64?
}

/// Buffers for reading many datagrams with one call, allocated once.
@safe
public struct DatagramBatch: ~Copyable {
    private let raw: OpaquePointer
    /// How many datagrams one read takes at most.
    public let capacity: Int

    /// Buffers for `capacity` datagrams; longer ones than `byteCapacity` are cut.
    public init(capacity: Int, byteCapacity: Int) throws(SystemError) {
        let made = unsafe gw_receive_batch_create(UInt32(capacity), UInt32(byteCapacity))
        guard let made = unsafe made else {
            throw SystemError(operation: "allocate receive buffers", errno: .outOfMemory)
        }
        unsafe raw = made
        self.capacity = capacity
    }

    deinit {
        unsafe gw_receive_batch_destroy(raw)
    }

    /// Reads what waits; zero when nothing does, or when a pending error was fetched instead.
    public mutating func read(from descriptor: Int32) -> Int {
        Int(max(unsafe gw_receive_batch_read(raw, descriptor), 0))
    }

    /// How datagram `index` of the last read came in.
    public func arrival(_ index: Int) -> DatagramArrival {
        precondition(index >= 0 && index < capacity)
        let arrival = unsafe gw_receive_batch_arrival(raw, UInt32(index)).pointee
        let stamp = arrival.realtime_nanoseconds
        return DatagramArrival(
            source: SocketAddress(arrival.source), destination: SocketAddress(arrival.destination),
            interfaceIndex: arrival.interface_index,
            hopLimit: UInt8(exactly: arrival.hop_limit),
            byteCount: Int(arrival.sent_byte_count), realtimeNanoseconds: stamp == 0 ? nil : stamp)
    }

    /// The UDP port that datagram `index` of the last read came from.
    public func sourcePort(_ index: Int) -> UInt16 {
        precondition(index >= 0 && index < capacity)
        return unsafe gw_receive_batch_arrival(raw, UInt32(index)).pointee.source_port
    }

    /// When datagram `index` of the last read came in, by the wall clock; `nil` when the kernel
    /// gave no time.
    public func realtimeNanoseconds(_ index: Int) -> Int64? {
        precondition(index >= 0 && index < capacity)
        let stamp = unsafe gw_receive_batch_arrival(raw, UInt32(index)).pointee
            .realtime_nanoseconds
        return stamp == 0 ? nil : stamp
    }

    /// Lends the octets of datagram `index` of the last read.
    public func withBytes<Result>(
        _ index: Int, _ body: (borrowing Span<UInt8>) -> Result
    ) -> Result {
        precondition(index >= 0 && index < capacity)
        let count = Int(unsafe gw_receive_batch_arrival(raw, UInt32(index)).pointee.byte_count)
        let bytes = unsafe UnsafeBufferPointer(
            start: gw_receive_batch_bytes(raw, UInt32(index)), count: count)
        return unsafe body(bytes.span)
    }
}
