internal import BFDCore

/// The payload of a UDP datagram: a Control packet with its authentication section, if it has one,
/// whole, damaged or cut short.
///
/// Written out by hand and apart from the core's encoder, so that the two check each other.
struct Datagram: Sendable, BitwiseCopyable {
    var bytes = InlineArray<52, UInt8>(repeating: 0)
    /// How many of the octets there are.
    var count = 24

    /// A packet that a key signs; `secret` is what both ends know of it.
    init(_ packet: ControlPacket, _ header: AuthenticationHeader, secret: UInt64) {
        self.init(packet)
        count = Int(packet.length)
        bytes[24] = header.type.code
        bytes[25] = packet.length - 24
        bytes[26] = header.keyID
        if header.type == .simplePassword {
            for index in 27..<count { bytes[index] = Self.password(index, secret) }
            return
        }
        store(header.sequence, at: 28)
        for index in 32..<count { bytes[index] = digest(index, secret) }
    }

    init(_ echo: EchoPayload) {
        var span = bytes.mutableSpan
        var raw = unsafe span.mutableBytes
        echo.encode(into: &raw, at: 0)
        count = EchoPayload.byteCount
    }

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
            count = draw.number(in: 0...count - 1)
            return
        }
        for _ in 0..<draw.number(in: 1...3) {
            // Octets 0 to 11, then the lower halves of the two intervals.
            let index = draw.pick([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 14, 15, 18, 19])
            bytes[index] ^= 1 << UInt8(draw.number(in: 0...(index == 2 ? 2 : 7)))
        }
    }

    /// Whether the digest fits all that stands before it.
    func isSigned(with secret: UInt64) -> Bool {
        guard count > 32 else { return false }
        if bytes[24] == AuthenticationType.simplePassword.code {
            return (27..<43).allSatisfy { bytes[$0] == Self.password($0, secret) }
        }
        return (32..<count).allSatisfy { bytes[$0] == digest($0, secret) }
    }

    /// A number that datagrams which differ do not share, but by a rare chance.
    var fingerprint: UInt64 {
        var hash = UInt64(count)
        for index in 0..<count {
            hash = (hash ^ UInt64(bytes[index])) &* 0x0000_0100_0000_01b3
        }
        return hash
    }

    /// An octet of something that stands in for a digest: nobody forges it by chance.
    private func digest(_ index: Int, _ secret: UInt64) -> UInt8 {
        var hash = secret ^ UInt64(index)
        for place in 0..<32 {
            hash = (hash ^ UInt64(bytes[place])) &* 0x0000_0100_0000_01b3
            hash ^= hash >> 29
        }
        return UInt8(truncatingIfNeeded: hash >> 17)
    }

    private static func password(_ index: Int, _ secret: UInt64) -> UInt8 {
        UInt8(truncatingIfNeeded: secret >> UInt64(index % 8 * 8))
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
