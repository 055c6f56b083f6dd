public import BFDCore

/// The IP and UDP headers of a packet, written anew from what they said.
public struct DatagramHeader: Sendable {
    /// The octets of the longer header: IPv6 and UDP.
    public static var maximumByteCount: Int { 48 }

    /// The sender's address.
    public var source: IPAddress
    /// The receiver's address, of the same family.
    public var destination: IPAddress
    /// UDP source port.
    public var sourcePort: UInt16
    /// UDP destination port.
    public var destinationPort: UInt16
    /// TTL or hop limit.
    public var hopLimit: UInt8
    /// TOS or traffic class octet.
    public var trafficClass: UInt8

    /// Headers by what they say.
    public init(
        source: IPAddress, destination: IPAddress, sourcePort: UInt16, destinationPort: UInt16,
        hopLimit: UInt8, trafficClass: UInt8
    ) {
        self.source = source
        self.destination = destination
        self.sourcePort = sourcePort
        self.destinationPort = destinationPort
        self.hopLimit = hopLimit
        self.trafficClass = trafficClass
    }

    /// How many octets they are.
    public var byteCount: Int { destination.isIPv6 ? 48 : 28 }

    /// The headers and the payload behind them.
    ///
    /// The payload had `payloadByteCount` octets, of which the first ones are given: only where
    /// they are all does UDP get a checksum.
    public func octets(before payload: [UInt8], payloadByteCount: Int) -> [UInt8] {
        let length = UInt16(clamping: 8 + payloadByteCount)
        var octets: [UInt8] = []
        octets.reserveCapacity(byteCount + payload.count)
        if destination.isIPv6 {
            octets.append(0x6000_0000 | UInt32(trafficClass) << 20)
            octets.append(UInt32(length) << 16 | 17 << 8 | UInt32(hopLimit))
        } else {
            octets.append(0x4500_0000 | UInt32(trafficClass) << 16 | UInt32(length &+ 20))
            octets.append(0x4000 as UInt32)
            octets.append(UInt32(hopLimit) << 24 | 17 << 16)
        }
        octets.append(source)
        octets.append(destination)
        if !destination.isIPv6 { octets.set(Self.checksum(octets.sum), at: 10) }
        let start = octets.count
        octets.append(UInt32(sourcePort) << 16 | UInt32(destinationPort))
        octets.append(UInt32(length) << 16)
        octets += payload
        if payload.count == payloadByteCount {
            let pseudo = source.sum + destination.sum + UInt64(length) + 17
            let sum = Self.checksum(pseudo + octets[start...].sum)
            octets.set(sum == 0 ? 0xffff : sum, at: start + 6)
        }
        return octets
    }

    private static func checksum(_ sum: UInt64) -> UInt16 {
        var sum = sum
        while sum > 0xffff { sum = sum >> 16 + (sum & 0xffff) }
        return ~UInt16(sum)
    }
}

extension Collection<UInt8> {
    /// The sum of its pairs of octets, an odd one padded.
    fileprivate var sum: UInt64 {
        var (sum, isHigh): (UInt64, Bool) = (0, true)
        for octet in self {
            sum += isHigh ? UInt64(octet) << 8 : UInt64(octet)
            isHigh.toggle()
        }
        return sum
    }
}

extension IPAddress {
    fileprivate var sum: UInt64 {
        [high, low].reduce(0) { sum, half in
            sum + (half >> 48) + (half >> 32 & 0xffff) + (half >> 16 & 0xffff) + (half & 0xffff)
        }
    }
}

extension [UInt8] {
    /// In network order.
    fileprivate mutating func append(_ number: UInt32) {
        for shift in [24, 16, 8, 0] { append(UInt8(truncatingIfNeeded: number >> UInt32(shift))) }
    }

    fileprivate mutating func append(_ address: IPAddress) {
        append(UInt32(address.high >> 32))
        guard address.isIPv6 else { return }
        append(UInt32(truncatingIfNeeded: address.high))
        append(UInt32(address.low >> 32))
        append(UInt32(truncatingIfNeeded: address.low))
    }

    fileprivate mutating func set(_ number: UInt16, at place: Int) {
        self[place] = UInt8(number >> 8)
        self[place + 1] = UInt8(truncatingIfNeeded: number)
    }
}
