/// What an engine keeps to itself to know its own Echo packets by.
public struct EchoSecret: Sendable, BitwiseCopyable {
    let first: UInt64
    let second: UInt64
    let third: UInt64
    let fourth: UInt64

    /// A secret of 32 octets, which should be as random as the system can make them.
    @_noAllocation @_noLocks
    public init(_ first: UInt64, _ second: UInt64, _ third: UInt64, _ fourth: UInt64) {
        self.first = first
        self.second = second
        self.third = third
        self.fourth = fourth
    }
}

/// The payload of an Echo packet, which only its sender reads (RFC 5880 §5).
///
///     octet    0      4        8           16         24
///              mark | local  | sequence  | moment   | tag, 16 octets
///                   | discr. |           |          |
///
/// The mark is no version of BFD, so the payload is never taken for a Control packet.
public struct EchoPayload: Sendable, BitwiseCopyable {
    /// The octets of every payload.
    public static var byteCount: Int {
        @_noAllocation @_noLocks get { 40 }
    }

    private static var mark: UInt32 {
        @_noAllocation @_noLocks get { 0x4757_4501 }
    }

    /// Whose Echo it is.
    public let localDiscriminator: UInt32
    /// Which one of the session, from 1 on.
    public let sequence: UInt64
    /// When it was made.
    public let moment: Instant
    private let firstTag: UInt64
    private let secondTag: UInt64

    @_noAllocation @_noLocks
    init(
        localDiscriminator: UInt32, sequence: UInt64, moment: Instant, sealedBy secret: EchoSecret
    ) {
        self.localDiscriminator = localDiscriminator
        self.sequence = sequence
        self.moment = moment
        let head = Self.head(localDiscriminator)
        let nanoseconds = UInt64(bitPattern: moment.nanoseconds)
        firstTag = Self.tag(secret.first, secret.second, head, sequence, nanoseconds)
        secondTag = Self.tag(secret.third, secret.fourth, head, sequence, nanoseconds)
    }

    /// Whether octets look like an Echo packet of ours, as far as that can be told without a key.
    @_noAllocation @_noLocks
    public static func isMarked(_ bytes: borrowing Span<UInt8>) -> Bool {
        bytes.count == byteCount && bytes.bigEndianUInt32(at: 0) == mark
    }

    /// Reads a payload, and checks its tag; `nil` for one that we did not make.
    @_noAllocation @_noLocks
    init?(decoding bytes: borrowing Span<UInt8>, sealedBy secret: EchoSecret) {
        guard Self.isMarked(bytes) else { return nil }
        self.init(
            localDiscriminator: bytes.bigEndianUInt32(at: 4),
            sequence: bytes.bigEndianUInt64(at: 8),
            moment: Instant(nanoseconds: Int64(bitPattern: bytes.bigEndianUInt64(at: 16))),
            sealedBy: secret)
        // Both halves are compared, whatever the first one gives: the time taken tells nothing.
        let difference =
            (firstTag ^ bytes.bigEndianUInt64(at: 24))
            | (secondTag ^ bytes.bigEndianUInt64(at: 32))
        guard difference == 0 else { return nil }
    }

    /// Writes the 40 octets from an offset on; `bytes` must have room for them.
    @_noAllocation @_noLocks
    public func encode(into bytes: inout MutableRawSpan, at offset: Int) {
        precondition(offset >= 0 && bytes.byteCount - offset >= Self.byteCount)
        let nanoseconds = UInt64(bitPattern: moment.nanoseconds)
        let head = Self.head(localDiscriminator)
        bytes.storeBytes(of: head.bigEndian, toByteOffset: offset, as: UInt64.self)
        bytes.storeBytes(of: sequence.bigEndian, toByteOffset: offset + 8, as: UInt64.self)
        bytes.storeBytes(of: nanoseconds.bigEndian, toByteOffset: offset + 16, as: UInt64.self)
        bytes.storeBytes(of: firstTag.bigEndian, toByteOffset: offset + 24, as: UInt64.self)
        bytes.storeBytes(of: secondTag.bigEndian, toByteOffset: offset + 32, as: UInt64.self)
    }

    private static func head(_ discriminator: UInt32) -> UInt64 {
        UInt64(mark) << 32 | UInt64(discriminator)
    }

    private static func tag(
        _ first: UInt64, _ second: UInt64, _ head: UInt64, _ sequence: UInt64, _ moment: UInt64
    ) -> UInt64 {
        var hash = SipHash(first, second)
        hash.absorb(head.bigEndian)
        hash.absorb(sequence.bigEndian)
        hash.absorb(moment.bigEndian)
        hash.absorb(24 << 56)
        return hash.finish()
    }
}

extension Span where Element == UInt8 {
    /// Eight octets in network order, which the caller has made sure are there.
    @_noAllocation @_noLocks
    func bigEndianUInt64(at offset: Int) -> UInt64 {
        UInt64(bigEndianUInt32(at: offset)) << 32 | UInt64(bigEndianUInt32(at: offset + 4))
    }
}
