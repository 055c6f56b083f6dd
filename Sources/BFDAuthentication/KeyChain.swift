public import BFDCore
internal import Crypto

/// Why keys cannot be used.
public enum KeyChainError: Error, Sendable, Hashable {
    /// There is none, or more than eight.
    case keyCount(Int)
    /// Two keys have one id.
    case duplicateID(UInt8)
    /// A secret is empty, or longer than its type takes.
    case secretByteCount(id: UInt8, count: Int, maximum: Int)
}

/// A key with its secret.
public struct Key: Sendable {
    /// Id and lifetimes; the length is the secret's.
    public var rules: AuthenticationKey
    /// The password or key.
    public let secret: Secret

    /// A key, valid for ever unless its rules are changed.
    public init(id: UInt8, secret: Secret) {
        rules = AuthenticationKey(id: id, secretByteCount: UInt8(clamping: secret.count))
        self.secret = secret
    }
}

/// The secrets of a session, and what is computed with them (RFC 5880 §6.7).
///
/// The engine knows ids, lengths and lifetimes; only this type knows the secrets.
public struct KeyChain: Sendable {
    /// The type of every packet, both ways.
    public let type: AuthenticationType
    private let keys: [Key]

    /// One to eight keys of different ids, with secrets that the type takes.
    public init(type: AuthenticationType, keys: [Key]) throws(KeyChainError) {
        guard (1...SessionAuthentication.maximumKeyCount).contains(keys.count) else {
            throw .keyCount(keys.count)
        }
        var ids: Set<UInt8> = []
        for key in keys {
            guard ids.insert(key.rules.id).inserted else { throw .duplicateID(key.rules.id) }
            let maximum = type.maximumSecretByteCount
            guard (1...maximum).contains(key.secret.count) else {
                throw .secretByteCount(
                    id: key.rules.id, count: key.secret.count, maximum: maximum)
            }
        }
        self.type = type
        self.keys = keys
    }

    /// The ids of the keys, in the order given.
    public var keyIDs: [UInt8] { keys.map(\.rules.id) }

    /// What the engine is told.
    public var rules: SessionAuthentication {
        SessionAuthentication(type: type, keys: keys.map(\.rules))
    }

    /// Whether another chain has the same type, keys, secrets and lifetimes.
    ///
    /// Moments are read from two clocks each time; up to a second between them is no difference.
    public func isSame(as other: KeyChain) -> Bool {
        type == other.type && keys.count == other.keys.count
            && zip(keys, other.keys).allSatisfy { mine, theirs in
                mine.rules.isSame(as: theirs.rules) && mine.secret.isSame(as: theirs.secret)
            }
    }

    /// Whether the password or digest of a packet is right.
    ///
    /// Takes the same time wherever it differs.
    /// `bytes` is the datagram that the challenge came from.
    public func matches(
        _ challenge: AuthenticationChallenge, _ bytes: borrowing Span<UInt8>
    ) -> Bool {
        guard let secret = secret(challenge.header.keyID), bytes.count >= challenge.byteCount else {
            return false
        }
        guard type.digestByteCount > 0 else { return Self.isEqual(secret, bytes, at: 27) }
        var octets: [UInt8] = []
        octets.reserveCapacity(challenge.byteCount)
        for index in 0..<challenge.byteCount { octets.append(bytes[index]) }
        let expected = digest(of: octets, secret)
        return Self.isEqual(expected.span, bytes, at: Self.digestOffset)
    }

    /// The section behind a packet's 24 octets, complete (RFC 5880 §4.2 to §4.4).
    ///
    /// Its length is what the packet's Length says.
    public func section(_ header: AuthenticationHeader, _ packet: ControlPacket) -> [UInt8] {
        guard let secret = secret(header.keyID) else { return [] }
        guard type.digestByteCount > 0 else {
            return secret.withOctets { octets in
                var section = [type.code, UInt8(octets.count + 3), header.keyID]
                for index in octets.indices { section.append(octets[index]) }
                return section
            }
        }
        let number = header.sequence
        var octets = (0..<ControlPacket.mandatoryByteCount).map { packet.octet(at: $0) }
        octets += [type.code, UInt8(8 + type.digestByteCount), header.keyID, 0]
        octets += [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
        return octets[ControlPacket.mandatoryByteCount...] + digest(of: octets, secret)
    }

    private static let digestOffset = 32

    /// MD5 or SHA1 over the packet with the key, zeros behind it, where the digest goes: neither an
    /// HMAC nor over a field of zeros (RFC 5880 §6.7.3 and §6.7.4).
    private func digest(of octets: [UInt8], _ secret: Secret) -> [UInt8] {
        switch type {
        case .simplePassword: []
        case .keyedMD5, .meticulousKeyedMD5: digest(of: octets, secret, by: Insecure.MD5())
        case .keyedSHA1, .meticulousKeyedSHA1: digest(of: octets, secret, by: Insecure.SHA1())
        }
    }

    /// The secret goes from where it is kept into the hash, and into no copy of ours.
    private func digest(
        of octets: [UInt8], _ secret: Secret, by empty: some HashFunction
    ) -> [UInt8] {
        var hash = empty
        hash.update(data: octets[..<Self.digestOffset])
        secret.enter(&hash)
        let padding = [UInt8](repeating: 0, count: max(0, type.digestByteCount - secret.count))
        hash.update(data: padding + octets.dropFirst(Self.digestOffset + type.digestByteCount))
        let digest = Array(hash.finalize())
        // The block that the hash is at has the secret: it is overwritten.
        hash.update(data: [UInt8](repeating: 0, count: 64))
        return digest
    }

    private func secret(_ id: UInt8) -> Secret? {
        keys.first { $0.rules.id == id }?.secret
    }

    private static func isEqual(
        _ secret: Secret, _ bytes: borrowing Span<UInt8>, at offset: Int
    ) -> Bool {
        // A closure cannot have a span of somebody else's.
        var received: [UInt8] = []
        for index in offset..<max(offset, min(offset + secret.count, bytes.count)) {
            received.append(bytes[index])
        }
        return secret.withOctets { isEqual($0, received.span, at: 0) }
    }

    private static func isEqual(
        _ expected: borrowing Span<UInt8>, _ bytes: borrowing Span<UInt8>, at offset: Int
    ) -> Bool {
        guard offset + expected.count <= bytes.count else { return false }
        var difference: UInt8 = 0
        for index in 0..<expected.count { difference |= expected[index] ^ bytes[offset + index] }
        return difference == 0
    }
}

extension AuthenticationKey {
    fileprivate func isSame(as other: AuthenticationKey) -> Bool {
        id == other.id && sentFrom.isNear(other.sentFrom) && sentUntil.isNear(other.sentUntil)
            && acceptedFrom.isNear(other.acceptedFrom)
            && acceptedUntil.isNear(other.acceptedUntil)
    }
}

extension Instant {
    fileprivate func isNear(_ other: Instant) -> Bool {
        let (earlier, later) = self < other ? (self, other) : (other, self)
        let (distance, isFar) = later.nanoseconds.subtractingReportingOverflow(earlier.nanoseconds)
        return !isFar && distance <= 1_000_000_000
    }
}
