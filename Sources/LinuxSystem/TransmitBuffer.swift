/// The octets of a datagram to send, made once; what nobody has written is zero.
@safe
public struct TransmitBuffer: ~Copyable {
    /// What the largest datagram takes.
    public static var byteCapacity: Int { 65_536 }

    /// The octets of the longest BFD packet we send, its authentication included.
    public static var longestPacket: Int { 52 }

    let start: UnsafeMutableRawPointer

    /// A buffer of zeros.
    public init() {
        unsafe start = UnsafeMutableRawPointer.allocate(
            byteCount: Self.byteCapacity, alignment: 8)
        unsafe start.initializeMemory(as: UInt8.self, repeating: 0, count: Self.byteCapacity)
    }

    deinit {
        unsafe start.deallocate()
    }

    /// Lends the first octets for writing; the rest stays as it is.
    public mutating func fill(
        _ byteCount: Int, _ body: (inout MutableRawSpan) -> Void
    ) {
        precondition(byteCount <= Self.byteCapacity)
        let octets = unsafe UnsafeMutableRawBufferPointer(start: start, count: byteCount)
        var bytes = unsafe octets.mutableBytes
        body(&bytes)
    }

    /// Lends the first octets for reading.
    public func withBytes<Result>(
        _ byteCount: Int, _ body: (borrowing Span<UInt8>) -> Result
    ) -> Result {
        precondition(byteCount <= Self.byteCapacity)
        let octets = unsafe UnsafeRawBufferPointer(start: start, count: byteCount)
        return unsafe octets.withMemoryRebound(to: UInt8.self) { unsafe body($0.span) }
    }
}
