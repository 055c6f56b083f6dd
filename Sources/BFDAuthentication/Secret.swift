internal import Crypto

/// A password or key, which no text, no dump and no mirror shows.
///
/// Its octets are kept once, however often it is copied, and are overwritten with the last copy.
public struct Secret: Sendable, CustomStringConvertible, CustomReflectable {
    private let key: SymmetricKey

    /// A secret by its octets, which may be any, zero included.
    public init(_ octets: [UInt8]) {
        key = SymmetricKey(data: octets)
    }

    /// The same out of memory of somebody else's.
    public init(_ octets: borrowing Span<UInt8>) {
        key = unsafe octets.withUnsafeBytes { unsafe SymmetricKey(data: $0) }
    }

    /// How many octets it has.
    public var count: Int { key.bitCount / 8 }

    /// Never the octets.
    public var description: String { "(secret)" }

    /// Never the octets.
    public var customMirror: Mirror { Mirror(self, children: []) }

    /// Whether another one has the same octets; it takes as long wherever they differ.
    func isSame(as other: Secret) -> Bool { key == other.key }

    /// Lends the octets.
    func withOctets<Result>(_ body: (Span<UInt8>) -> Result) -> Result {
        unsafe key.withUnsafeBytes { bytes in
            let octets = unsafe bytes.bindMemory(to: UInt8.self)
            return unsafe body(octets.span)
        }
    }

    /// Goes into a digest.
    func enter(_ hash: inout some HashFunction) {
        unsafe key.withUnsafeBytes { unsafe hash.update(bufferPointer: $0) }
    }
}
