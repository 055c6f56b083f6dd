/// The addresses that begin with the same bits.
public struct AddressPrefix: Sendable, Hashable, BitwiseCopyable {
    /// An address among them; its bits beyond the length do not count.
    public var address: IPAddress
    /// How many bits are the same: 0 to 32 or 128.
    public var bitCount: UInt8

    /// A prefix by an address and a number of bits.
    public init(address: IPAddress, bitCount: UInt8) {
        self.address = address
        self.bitCount = bitCount
    }

    /// Whether an address is one of them.
    @_noAllocation @_noLocks
    public func contains(_ other: IPAddress) -> Bool {
        guard address.isIPv6 == other.isIPv6 else { return false }
        let inHigh = bitCount < 64 ? bitCount : 64
        let inLow = bitCount < 64 ? 0 : bitCount - 64
        return (address.high ^ other.high) & Self.mask(inHigh) == 0
            && (address.low ^ other.low) & Self.mask(inLow) == 0
    }

    /// The highest bits of 64.
    private static func mask(_ bitCount: UInt8) -> UInt64 {
        bitCount == 0 ? 0 : ~0 << (64 - UInt64(bitCount))
    }
}

/// A subnet that an interface has an address in.
public struct InterfaceSubnet: Sendable, Hashable, BitwiseCopyable {
    /// The index of the interface.
    public var interfaceIndex: UInt32
    /// The subnet.
    public var prefix: AddressPrefix

    /// A subnet by its parts.
    public init(interfaceIndex: UInt32, prefix: AddressPrefix) {
        self.interfaceIndex = interfaceIndex
        self.prefix = prefix
    }
}

/// The subnets of the interfaces, replaced as a whole.
@safe
struct SubnetTable: ~Copyable {
    private let subnets: UnsafeMutablePointer<InterfaceSubnet>
    private let count: Int

    init(_ given: [InterfaceSubnet]) {
        count = given.count
        unsafe subnets = UnsafeMutablePointer<InterfaceSubnet>.allocate(capacity: max(count, 1))
        for (index, subnet) in given.enumerated() {
            unsafe (subnets + index).initialize(to: subnet)
        }
    }

    deinit {
        unsafe subnets.deallocate()
    }

    /// Whether a source belongs on the link it came by (RFC 9468 §2): in a subnet of the interface,
    /// or anywhere when the interface has none of its family.
    @_noAllocation @_noLocks
    func admits(_ source: IPAddress, by interfaceIndex: UInt32) -> Bool {
        var isNumbered = false
        var index = 0
        while index < count {
            let subnet = unsafe subnets[index]
            index += 1
            guard subnet.interfaceIndex == interfaceIndex,
                subnet.prefix.address.isIPv6 == source.isIPv6
            else { continue }
            if subnet.prefix.contains(source) { return true }
            isNumbered = true
        }
        return !isNumbered
    }
}
