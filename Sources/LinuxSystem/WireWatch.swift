internal import CLinux

/// Sees BFD packets of some senders as they come to any link of the calling thread's namespace,
/// before firewall and sockets, and ICMP errors about packets of ours.
///
/// The kernel throws away all else; nothing is sent. Needs CAP_NET_RAW.
public struct WireWatch: ~Copyable {
    /// What came.
    public enum Sight: Sendable, Hashable {
        /// A UDP packet to one of BFD's ports, and the link it came to.
        case packet(
            source: SocketAddress, hopLimit: UInt8, port: UInt16, interfaceIndex: UInt32)
        /// Somebody could not deliver a UDP packet of ours.
        case complaint(
            sender: SocketAddress, destination: SocketAddress, port: UInt16, type: UInt8,
            code: UInt8)
    }

    /// How many senders one watch can be for.
    public static let mostSources = GW_WATCH_SOURCES

    private let owned: OwnedDescriptor

    /// A watch for packets of these senders, of more than `mostSources` the first; of no senders,
    /// everybody's.
    public init(for sources: [SocketAddress]) throws(SystemError) {
        let words = sources.prefix(Self.mostSources).map { source in
            source.isIPv6
                ? UInt32(truncatingIfNeeded: source.low)
                : UInt32(truncatingIfNeeded: source.high >> 32)
        }
        let result = unsafe words.withUnsafeBufferPointer { buffer in
            unsafe gw_watch_open(buffer.baseAddress, Int32(buffer.count))
        }
        owned = OwnedDescriptor(
            owning: try SystemError.check(result, "watch the links for BFD packets"))
    }

    /// Waits for the next thing to see, up to a monotonic moment; `nil` when that has come.
    public borrowing func next(until deadline: Int64) -> Sight? {
        var octets = [UInt8](repeating: 0, count: GW_WATCH_OCTETS)
        while true {
            // Also before each reading: there may be more to see than can be read.
            let left = deadline - Clock.monotonicNanoseconds()
            guard left > 0 else { return nil }
            var isOutgoing: Int32 = 0
            var interfaceIndex: UInt32 = 0
            let count = unsafe octets.withUnsafeMutableBytes { buffer in
                unsafe gw_watch_read(
                    owned.rawValue, buffer.baseAddress, buffer.count, &isOutgoing, &interfaceIndex)
            }
            if count > 0 {
                if isOutgoing == 0,
                    let sight = Self.sight(octets.prefix(Int(count)), interfaceIndex)
                {
                    return sight
                }
                continue
            }
            _ = DescriptorReadiness.waitUntilReadable(
                owned.rawValue, milliseconds: Int32(clamping: left / 1_000_000 + 1))
        }
    }

    /// Everybody who sends a BFD packet up to a monotonic moment.
    public static func senders(until deadline: Int64) throws(SystemError) -> Set<SocketAddress> {
        let watch = try WireWatch(for: [])
        var found: Set<SocketAddress> = []
        while let sight = watch.next(until: deadline) {
            if case .packet(let source, _, _, _) = sight { found.insert(source) }
        }
        return found
    }

    private static func sight(_ octets: ArraySlice<UInt8>, _ interfaceIndex: UInt32) -> Sight? {
        guard let packet = InternetPacket(octets) else { return nil }
        switch (packet.isIPv6, packet.protocolNumber) {
        case (_, 17):
            guard let port = packet.payload.number16(at: 2) else { return nil }
            return .packet(
                source: packet.source, hopLimit: packet.hopLimit, port: port,
                interfaceIndex: interfaceIndex)
        case (false, 1), (true, 58):
            guard packet.payload.count > 8, let inner = InternetPacket(packet.payload.dropFirst(8)),
                inner.protocolNumber == 17, let port = inner.payload.number16(at: 2),
                [3784, 3785, 4784].contains(port)
            else { return nil }
            let start = packet.payload.startIndex
            return .complaint(
                sender: packet.source, destination: inner.destination, port: port,
                type: packet.payload[start], code: packet.payload[start + 1])
        default: return nil
        }
    }
}

/// An IP packet as far as it was seen.
private struct InternetPacket {
    let isIPv6: Bool
    let source: SocketAddress
    let destination: SocketAddress
    let hopLimit: UInt8
    let protocolNumber: UInt8
    let payload: ArraySlice<UInt8>

    init?(_ octets: ArraySlice<UInt8>) {
        guard let first = octets.first, octets.count >= 20 else { return nil }
        let start = octets.startIndex
        isIPv6 = first >> 4 == 6
        let headerByteCount = isIPv6 ? 40 : Int(first & 0xf) * 4
        guard octets.count >= headerByteCount, headerByteCount >= 20 else { return nil }
        source = Self.address(octets.dropFirst(isIPv6 ? 8 : 12), isIPv6)
        destination = Self.address(octets.dropFirst(isIPv6 ? 24 : 16), isIPv6)
        hopLimit = octets[start + (isIPv6 ? 7 : 8)]
        protocolNumber = octets[start + (isIPv6 ? 6 : 9)]
        payload = octets.dropFirst(headerByteCount)
    }

    private static func address(_ octets: ArraySlice<UInt8>, _ isIPv6: Bool) -> SocketAddress {
        let half = { (octets: ArraySlice<UInt8>) in
            octets.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        }
        guard isIPv6 else {
            let bits = octets.prefix(4).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            return SocketAddress(high: bits << 32, low: 0, isIPv6: false)
        }
        return SocketAddress(high: half(octets), low: half(octets.dropFirst(8)), isIPv6: true)
    }
}

extension ArraySlice<UInt8> {
    fileprivate func number16(at offset: Int) -> UInt16? {
        guard count >= offset + 2 else { return nil }
        return UInt16(self[startIndex + offset]) << 8 | UInt16(self[startIndex + offset + 1])
    }
}
