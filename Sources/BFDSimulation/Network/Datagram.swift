internal import BFDCore

/// The payload of a UDP datagram: a Control packet, whole, damaged or cut short.
///
/// Written out by hand and apart from the core's encoder, so that the two check each other.
struct Datagram: Sendable, BitwiseCopyable {
    var bytes = InlineArray<24, UInt8>(repeating: 0)
    /// How many of the octets there are.
    var count = 24

    init(_ packet: ControlPacket) {
        bytes[0] = 1 << 5 | packet.diagnostic.rawValue
        bytes[1] = Self.flags(of: packet)
        bytes[2] = packet.detectMultiplier
        bytes[3] = packet.length
        store(packet.myDiscriminator, at: 4)
        store(packet.yourDiscriminator, at: 8)
        store(packet.desiredMinTxInterval.count, at: 12)
        store(packet.requiredMinRxInterval.count, at: 16)
        store(packet.requiredMinEchoRxInterval.count, at: 20)
    }

    /// The packet in it; `nil` when the checks of RFC 5880 §6.8.6 that need no session refuse it.
    var packet: ControlPacket? {
        let whole = bytes.span
        return try? ControlPacket(decoding: whole.extracting(first: count))
    }

    /// Turns over up to three bits, or cuts the end off, behind the back of every checksum.
    ///
    /// What would make a silence of minutes legal is left alone: the upper halves of the intervals
    /// and the upper bits of the multiplier.
    mutating func damage(_ draw: inout Draw) {
        if draw.chance(perMille: 100) {
            count = draw.number(in: 0...23)
            return
        }
        for _ in 0..<draw.number(in: 1...3) {
            // Octets 0 to 11, then the lower halves of the two intervals.
            let index = draw.pick([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 14, 15, 18, 19])
            bytes[index] ^= 1 << UInt8(draw.number(in: 0...(index == 2 ? 2 : 7)))
        }
    }

    private static func flags(of packet: ControlPacket) -> UInt8 {
        var flags = packet.state.rawValue << 6
        if packet.poll { flags |= 0x20 }
        if packet.final { flags |= 0x10 }
        if packet.controlPlaneIndependent { flags |= 0x08 }
        if packet.authenticationPresent { flags |= 0x04 }
        if packet.demand { flags |= 0x02 }
        return flags
    }

    private mutating func store(_ number: UInt32, at offset: Int) {
        for index in 0..<4 {
            bytes[offset + index] = UInt8(truncatingIfNeeded: number >> UInt32(24 - 8 * index))
        }
    }
}
