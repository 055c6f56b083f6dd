/// Takes a capture apart again, as `PcapngWriter` writes it, while it comes in.
public struct PcapngReader: Sendable {
    /// What is not as it should be: the octets are no capture of ours.
    public struct Misunderstood: Error {}

    /// A block, whole.
    public struct Block: Sendable {
        /// What kind of block.
        public enum Kind: Sendable, Hashable {
            /// The section begins.
            case section
            /// An interface.
            case interface
            /// A packet.
            case packet
            /// Something else.
            case other
        }

        /// What kind of block.
        public var kind: Kind
        /// All its octets.
        public var octets: [UInt8]

        /// A packet's interface.
        public var interface: Int { Int(octets.number(at: 8)) }

        /// When a packet came or went.
        public var realtimeNanoseconds: Int64 {
            Int64(octets.number(at: 12)) << 32 | Int64(octets.number(at: 16))
        }

        /// What is said of a packet.
        public var comment: String? {
            option(1).map { String(decoding: $0, as: UTF8.self) }
        }

        /// Whether a packet came.
        public var isInbound: Bool { option(2)?.first.map { $0 & 3 == 1 } ?? false }

        /// How many packets before a packet were lost.
        public var dropCount: UInt64 {
            option(4)?.reversed().reduce(0) { $0 << 8 | UInt64($1) } ?? 0
        }

        /// A packet's option.
        private func option(_ code: UInt32) -> ArraySlice<UInt8>? {
            guard octets.count >= 32 else { return nil }
            var place = 28 + Int(octets.number(at: 20).padded)
            while place + 4 <= octets.count - 4 {
                let head = octets.number(at: place)
                let length = head >> 16
                let end = place + 4 + Int(length)
                guard head & 0xffff != 0, end <= octets.count - 4 else { return nil }
                if head & 0xffff == code { return octets[place + 4..<end] }
                place += 4 + Int(length.padded)
            }
            return nil
        }
    }

    /// No block of ours is longer.
    private static let maximumByteCount: UInt32 = 1 << 16
    private var waiting: [UInt8] = []

    /// A reader at the beginning.
    public init() {}

    /// Takes octets; the blocks that are whole with them.
    public mutating func take(_ octets: [UInt8]) throws(Misunderstood) -> [Block] {
        waiting += octets
        var blocks: [Block] = []
        var place = 0
        while waiting.count - place >= 12 {
            let length = waiting.number(at: place + 4)
            guard (12...Self.maximumByteCount).contains(length), length.isMultiple(of: 4) else {
                throw Misunderstood()
            }
            let end = place + Int(length)
            guard end <= waiting.count else { break }
            guard waiting.number(at: end - 4) == length else { throw Misunderstood() }
            blocks.append(
                Block(kind: .of(waiting.number(at: place)), octets: Array(waiting[place..<end])))
            place = end
        }
        waiting.removeFirst(place)
        return blocks
    }
}

extension PcapngReader.Block.Kind {
    fileprivate static func of(_ type: UInt32) -> Self {
        switch type {
        case 0x0a0d_0d0a: .section
        case 1: .interface
        case 6: .packet
        default: .other
        }
    }
}

extension UInt32 {
    /// As many octets as this many take in a block.
    fileprivate var padded: UInt32 { (self &+ 3) & ~3 }
}

extension [UInt8] {
    /// The four octets from a place on, the lowest first; zero behind the end.
    fileprivate func number(at place: Int) -> UInt32 {
        guard place + 4 <= count else { return 0 }
        return (0..<4).reduce(0) { $0 | UInt32(self[place + $1]) << ($1 * 8) }
    }
}
