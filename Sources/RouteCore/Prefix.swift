/// A network: an address whose bits beyond the length are zero.
public struct Prefix: Hashable, Sendable {
    /// The network's first address.
    public let address: HostAddress
    /// How many leading bits count: 0...32 or 0...128.
    public let length: Int

    /// A prefix from an address and a length.
    public init(_ address: HostAddress, length: Int) throws(PrefixError) {
        guard (0...address.family.bitCount).contains(length) else {
            throw .lengthOutOfRange(length, maximum: address.family.bitCount)
        }
        let network = HostAddress(
            family: address.family,
            bits: address.bits & Self.mask(length: length, family: address.family))
        guard network == address else {
            throw .hostBitsSet(given: "\(address)/\(length)", network: "\(network)/\(length)")
        }
        self.address = address
        self.length = length
    }

    /// A prefix from its text, such as `10.0.0.0/8` or `2001:db8::/32`.
    public init(parsing text: String) throws(PrefixError) {
        let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard parts.count == 2, let address = HostAddress(String(Substring(parts[0]))) else {
            throw .malformed(text)
        }
        let digits = parts[1]
        guard (1...3).contains(digits.count),
            digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let length = Int(Substring(digits))
        else { throw .malformed(text) }
        try self.init(address, length: length)
    }

    /// Everything: 0.0.0.0/0 or ::/0.
    public static func all(_ family: HostAddress.Family) -> Prefix {
        Prefix(everythingIn: family)
    }

    private init(everythingIn family: HostAddress.Family) {
        address = HostAddress(family: family, bits: 0)
        length = 0
    }

    /// The address family.
    public var family: HostAddress.Family { address.family }

    /// Whether `other` lies inside.
    public func contains(_ other: HostAddress) -> Bool {
        other.family == family
            && other.bits & Self.mask(length: length, family: family) == address.bits
    }

    private static func mask(length: Int, family: HostAddress.Family) -> UInt128 {
        let hostBits = family.bitCount - length
        let all = family == .ipv4 ? UInt128(UInt32.max) : UInt128.max
        return hostBits == 128 ? 0 : all & (all << UInt128(hostBits))
    }
}

extension Prefix: CustomStringConvertible, Comparable {
    /// Address and length, such as `10.0.0.0/8`.
    public var description: String { "\(address)/\(length)" }

    /// By address, the shorter length first.
    public static func < (left: Prefix, right: Prefix) -> Bool {
        (left.address, left.length) < (right.address, right.length)
    }
}

/// Why a text or a pair is no prefix.
public enum PrefixError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Not `address/length`.
    case malformed(String)
    /// The length is beyond what the family has.
    case lengthOutOfRange(Int, maximum: Int)
    /// Bits beyond the length are set; `network` is what was probably meant.
    case hostBitsSet(given: String, network: String)

    /// What is wrong and what would be right.
    public var description: String {
        switch self {
        case .malformed(let text):
            "\"\(text)\" is no prefix: write address/length, such as 10.0.0.0/8 or ::/0"
        case .lengthOutOfRange(let length, let maximum):
            "prefix length \(length) is out of range 0...\(maximum)"
        case .hostBitsSet(let given, let network):
            "\(given) has host bits set: write \(network)"
        }
    }
}
