/// A UDP datagram with its IP header, both written here, in a buffer that is made once.
///
///     IPv4, 20 octets, or IPv6, 40 octets  |  UDP, 8 octets  |  payload
///
/// The kernel fills in the checksum of an IPv4 header; UDP over IPv4 may go without one, and does.
@safe
public struct RawDatagram: ~Copyable {
    /// What stands in the headers.
    public struct Header: Sendable {
        /// Where it says it comes from.
        public var source: SocketAddress
        /// Where it says it goes, of the same family.
        public var destination: SocketAddress
        /// UDP source port.
        public var sourcePort: UInt16
        /// UDP destination port.
        public var destinationPort: UInt16
        /// TOS or traffic class octet.
        public var trafficClass: UInt8

        /// Headers by what they say; TTL or hop limit is 255.
        public init(
            source: SocketAddress, destination: SocketAddress, sourcePort: UInt16,
            destinationPort: UInt16, trafficClass: UInt8
        ) {
            self.source = source
            self.destination = destination
            self.sourcePort = sourcePort
            self.destinationPort = destinationPort
            self.trafficClass = trafficClass
        }

        var byteCount: Int { source.isIPv6 ? 48 : 28 }
    }

    private static let udpByteCount = 8
    private var buffer = TransmitBuffer()
    private var byteCount = 0

    /// An empty datagram.
    public init() {}

    /// Writes the headers, and lends the payload, zeroed, for writing.
    public mutating func fill(
        _ header: Header, payloadByteCount: Int, _ body: (inout MutableRawSpan) -> Void
    ) {
        let start = header.byteCount
        byteCount = start + payloadByteCount
        precondition(byteCount <= TransmitBuffer.byteCapacity)
        let octets = unsafe UnsafeMutableRawBufferPointer(start: buffer.start, count: byteCount)
        unsafe octets.initializeMemory(as: UInt8.self, repeating: 0)
        var payload = unsafe UnsafeMutableRawBufferPointer(rebasing: octets[start...]).mutableBytes
        body(&payload)
        var bytes = unsafe octets.mutableBytes
        if header.source.isIPv6 {
            writeIPv6(header, &bytes)
        } else {
            writeIPv4(header, &bytes)
        }
        writeUDP(header, &bytes)
    }

    /// Hands it to a neighbour, whatever its header says of the destination.
    ///
    /// The kernel's refusal, or `nil`.
    public func send(from descriptor: Int32, to neighbour: SocketAddress) -> Errno? {
        DatagramSocket.send(
            buffer, byteCount: byteCount, from: descriptor, to: neighbour, port: 0,
            interfaceIndex: 0)
    }

    /// The octet at an offset of what was written last.
    public func octet(at offset: Int) -> UInt8 {
        precondition((0..<byteCount).contains(offset))
        return unsafe buffer.start.load(fromByteOffset: offset, as: UInt8.self)
    }

    private func writeIPv4(_ header: Header, _ bytes: inout MutableRawSpan) {
        let first =
            0x45 << 56 | UInt64(header.trafficClass) << 48 | UInt64(byteCount) << 32 | 0x4000
        let second = 255 << 56 | 17 << 48 | header.source.high >> 32
        bytes.storeBytes(of: first.bigEndian, toByteOffset: 0, as: UInt64.self)
        bytes.storeBytes(of: second.bigEndian, toByteOffset: 8, as: UInt64.self)
        let destination = UInt32(truncatingIfNeeded: header.destination.high >> 32)
        bytes.storeBytes(of: destination.bigEndian, toByteOffset: 16, as: UInt32.self)
    }

    private func writeIPv6(_ header: Header, _ bytes: inout MutableRawSpan) {
        let first =
            0x6 << 60 | UInt64(header.trafficClass) << 52 | UInt64(byteCount - 40) << 16
            | 17 << 8 | 255
        for (index, word) in [
            first, header.source.high, header.source.low, header.destination.high,
            header.destination.low,
        ].enumerated() {
            bytes.storeBytes(of: word.bigEndian, toByteOffset: 8 * index, as: UInt64.self)
        }
    }

    private func writeUDP(_ header: Header, _ bytes: inout MutableRawSpan) {
        let start = header.byteCount - Self.udpByteCount
        let ports = UInt32(header.sourcePort) << 16 | UInt32(header.destinationPort)
        bytes.storeBytes(of: ports.bigEndian, toByteOffset: start, as: UInt32.self)
        let length = UInt16(truncatingIfNeeded: byteCount - start)
        bytes.storeBytes(of: length.bigEndian, toByteOffset: start + 4, as: UInt16.self)
        guard header.source.isIPv6 else { return }
        let sum = checksum(from: start, seed: UInt64(length) + 17 + header.addressSum)
        bytes.storeBytes(of: sum.bigEndian, toByteOffset: start + 6, as: UInt16.self)
    }

    /// The checksum of UDP over IPv6 (RFC 8200 §8.1); zero is sent as all ones.
    private func checksum(from start: Int, seed: UInt64) -> UInt16 {
        var sum = seed
        for offset in start..<byteCount {
            sum += UInt64(octet(at: offset)) << ((offset - start).isMultiple(of: 2) ? 8 : 0)
        }
        let folded = ~sum.foldedTo16Bits
        return folded == 0 ? 0xffff : folded
    }
}

extension RawDatagram.Header {
    /// The addresses as a checksum adds them.
    fileprivate var addressSum: UInt64 {
        [source.high, source.low, destination.high, destination.low].reduce(0) { sum, half in
            sum + (half >> 48) + (half >> 32 & 0xffff) + (half >> 16 & 0xffff) + (half & 0xffff)
        }
    }
}

extension UInt64 {
    /// The sum in one's complement of its four parts.
    fileprivate var foldedTo16Bits: UInt16 {
        var sum = self
        while sum > 0xffff { sum = (sum >> 16) + (sum & 0xffff) }
        return UInt16(sum)
    }
}
