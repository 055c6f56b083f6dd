/// An IPv4 or IPv6 address as the core needs it: compared, never parsed or printed.
public struct IPAddress: Sendable, Hashable, BitwiseCopyable {
    /// The first eight octets, the first one highest; IPv4 fills the upper four.
    public let high: UInt64
    /// The last eight octets; zero for IPv4.
    public let low: UInt64
    /// Whether all sixteen octets count.
    public let isIPv6: Bool

    /// An IPv4 address by its 32 bits.
    @_noAllocation @_noLocks
    public init(ipv4 bits: UInt32) {
        high = UInt64(bits) << 32
        low = 0
        isIPv6 = false
    }

    /// An IPv6 address by its two halves.
    @_noAllocation @_noLocks
    public init(ipv6High high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
        isIPv6 = true
    }

    /// The any-address of a family.
    @_noAllocation @_noLocks
    public static func unspecified(isIPv6: Bool) -> IPAddress {
        isIPv6 ? IPAddress(ipv6High: 0, low: 0) : IPAddress(ipv4: 0)
    }

    /// Whether two addresses are the same.
    @_noAllocation @_noLocks
    public static func == (left: IPAddress, right: IPAddress) -> Bool {
        left.high == right.high && left.low == right.low && left.isIPv6 == right.isIPv6
    }

    /// Whether it is the any-address.
    public var isUnspecified: Bool {
        @_noAllocation @_noLocks get { high == 0 && low == 0 }
    }

    /// Whether it is in fe80::/10.
    public var isLinkLocal: Bool {
        @_noAllocation @_noLocks get { isIPv6 && high >> 54 == 0x3fa }
    }
}
