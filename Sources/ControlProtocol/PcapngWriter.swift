/// Writes packets as pcapng (draft-ietf-opsawg-pcapng), which Wireshark and tshark read.
///
///     section  interface …  packet …  [interface …  packet …]  statistics …
///
/// Packets begin with their IP header, and times are nanoseconds. Octets gather in `octets`, which
/// the caller takes away as often as it likes.
public struct PcapngWriter: Sendable {
    /// Which way a packet went.
    public enum Direction: UInt32, Sendable, Hashable {
        /// It came.
        case inbound = 1
        /// It went.
        case outbound = 2
    }

    /// A packet, its IP header included.
    public struct Packet: Sendable {
        /// The number that `addInterface` gave.
        public var interface: Int
        /// Wall-clock time.
        public var realtimeNanoseconds: Int64
        /// Which way it went.
        public var direction: Direction
        /// Its octets, as many as were kept.
        public var octets: [UInt8]
        /// How many it had.
        public var byteCount: Int
        /// What there is to say of it.
        public var comment: String?
        /// How many packets before it were lost.
        public var dropCount: UInt64

        /// A packet by its parts.
        public init(
            interface: Int, realtimeNanoseconds: Int64, direction: Direction, octets: [UInt8],
            byteCount: Int, comment: String? = nil, dropCount: UInt64 = 0
        ) {
            self.interface = interface
            self.realtimeNanoseconds = realtimeNanoseconds
            self.direction = direction
            self.octets = octets
            self.byteCount = byteCount
            self.comment = comment
            self.dropCount = dropCount
        }
    }

    /// What has been written and not been taken away.
    public var octets: [UInt8] = []
    private var interfaceCount = 0

    /// LINKTYPE_RAW: packets begin with an IPv4 or IPv6 header.
    private static let linkType: UInt16 = 101

    /// An empty capture.
    public init() {}

    /// Begins the section: what system and which program the packets are of.
    public mutating func begin(operatingSystem: String, application: String) {
        block(0x0a0d_0d0a) { octets in
            octets.append(0x1a2b_3c4d as UInt32)
            octets.append(1 as UInt16)
            octets.append(0 as UInt16)
            // The length of the section is not known yet.
            octets.append(UInt64.max)
            octets.append(option: 3, operatingSystem)
            octets.append(option: 4, application)
            octets.endOptions()
        }
    }

    /// Describes an interface; its number. Of longer packets only `snapLength` octets are kept.
    public mutating func addInterface(
        name: String, description: String? = nil, snapLength: Int
    ) -> Int {
        block(1) { octets in
            octets.append(Self.linkType)
            octets.append(0 as UInt16)
            octets.append(UInt32(clamping: snapLength))
            octets.append(option: 2, name)
            if let description { octets.append(option: 3, description) }
            octets.append(option: 9, [9])
            octets.endOptions()
        }
        interfaceCount += 1
        return interfaceCount - 1
    }

    /// Adds a packet.
    public mutating func add(_ packet: Packet) {
        precondition(packet.interface >= 0 && packet.interface < interfaceCount)
        block(6) { octets in
            octets.append(UInt32(packet.interface))
            octets.append(time: packet.realtimeNanoseconds)
            octets.append(UInt32(packet.octets.count))
            octets.append(UInt32(clamping: packet.byteCount))
            octets.append(padded: packet.octets)
            octets.append(option: 2, packet.direction.rawValue.octets)
            if packet.dropCount > 0 { octets.append(option: 4, packet.dropCount.octets) }
            if let comment = packet.comment { octets.append(option: 1, comment) }
            octets.endOptions()
        }
    }

    /// Sums an interface up, at the end.
    public mutating func addStatistics(
        interface: Int, realtimeNanoseconds: Int64, receivedCount: UInt64, dropCount: UInt64
    ) {
        block(5) { octets in
            octets.append(UInt32(interface))
            octets.append(time: realtimeNanoseconds)
            octets.append(option: 4, receivedCount.octets)
            octets.append(option: 5, dropCount.octets)
            octets.endOptions()
        }
    }

    /// A block: type, length, body, and the length again.
    private mutating func block(_ type: UInt32, _ body: (inout [UInt8]) -> Void) {
        let start = octets.count
        octets.append(type)
        octets.append(0 as UInt32)
        body(&octets)
        let length = UInt32(octets.count - start + 4)
        octets.append(length)
        octets.replaceSubrange(start + 4..<start + 8, with: length.octets)
    }
}

extension [UInt8] {
    fileprivate mutating func append(_ number: some FixedWidthInteger) {
        append(contentsOf: number.octets)
    }

    /// The upper half of a time stands first.
    fileprivate mutating func append(time: Int64) {
        let time = UInt64(Swift.max(time, 0))
        append(UInt32(time >> 32))
        append(UInt32(truncatingIfNeeded: time))
    }

    fileprivate mutating func append(padded octets: [UInt8]) {
        append(contentsOf: octets)
        append(contentsOf: repeatElement(0, count: -octets.count & 3))
    }

    fileprivate mutating func append(option code: UInt16, _ value: [UInt8]) {
        append(code)
        append(UInt16(value.count))
        append(padded: value)
    }

    fileprivate mutating func append(option code: UInt16, _ text: String) {
        append(option: code, [UInt8](text.utf8.prefix(1_024)))
    }

    fileprivate mutating func endOptions() {
        append(0 as UInt32)
    }
}

extension FixedWidthInteger {
    /// Its octets, the lowest first.
    fileprivate var octets: [UInt8] {
        (0..<Self.bitWidth / 8).map { UInt8(truncatingIfNeeded: self >> ($0 * 8)) }
    }
}
