/// An IPv4 or IPv6 address, read and printed without the C library.
public struct HostAddress: Hashable, Sendable, Comparable {
    /// The address family.
    public enum Family: Hashable, Sendable {
        /// IPv4, 4 octets.
        case ipv4
        /// IPv6, 16 octets.
        case ipv6

        /// How many bits an address of the family has.
        public var bitCount: Int { self == .ipv4 ? 32 : 128 }
        /// How many octets an address of the family has.
        public var byteCount: Int { bitCount / 8 }
    }

    /// The address family.
    public let family: Family
    /// The address as a number; IPv4 in the low 32 bits.
    public let bits: UInt128

    /// An IPv4 address from its number, 127.0.0.1 being 0x7f00_0001.
    public init(ipv4 number: UInt32) {
        family = .ipv4
        bits = UInt128(number)
    }

    /// An IPv6 address from its number.
    public init(ipv6 number: UInt128) {
        family = .ipv6
        bits = number
    }

    /// An address from 4 or 16 octets in network order; nil for any other count.
    public init?(bytes: some Collection<UInt8>) {
        switch bytes.count {
        case 4: family = .ipv4
        case 16: family = .ipv6
        default: return nil
        }
        bits = bytes.reduce(0) { $0 << 8 | UInt128($1) }
    }

    init(family: Family, bits: UInt128) {
        self.family = family
        self.bits = bits
    }

    /// The octets in network order, 4 or 16 of them.
    public var bytes: [UInt8] {
        (0..<family.byteCount).map { index in
            UInt8(truncatingIfNeeded: bits >> UInt128(8 * (family.byteCount - 1 - index)))
        }
    }

    /// Whether this is 0.0.0.0 or `::`.
    public var isUnspecified: Bool { bits == 0 }

    /// Whether this is 169.254.0.0/16 or fe80::/10: meaningful on one link only.
    public var isLinkLocal: Bool {
        family == .ipv4 ? bits >> 16 == 0xa9fe : bits >> 118 == 0x3fa
    }

    /// Whether this is 127.0.0.0/8 or `::1`.
    public var isLoopback: Bool {
        family == .ipv4 ? bits >> 24 == 127 : bits == 1
    }

    /// Whether this is 224.0.0.0/4 or ff00::/8.
    public var isMulticast: Bool {
        family == .ipv4 ? bits >> 28 == 0xe : bits >> 120 == 0xff
    }

    /// IPv4 before IPv6, then by number.
    public static func < (left: HostAddress, right: HostAddress) -> Bool {
        guard left.family == right.family else { return left.family == .ipv4 }
        return left.bits < right.bits
    }
}
