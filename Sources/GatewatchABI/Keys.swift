internal import BFDAuthentication
internal import BFDCore
public import CGatewatch

extension gatewatch_keys: Record {}

/// What a session is to authenticate with, the caller's structures having been copied.
struct KeyRequest {
    let keyChain: KeyChain
    /// `nil` has a number drawn.
    let transmitSequence: UInt32?

    /// Reads a caller's structure.
    init(_ source: UnsafePointer<gatewatch_keys>) throws(Failure) {
        var record = unsafe gatewatch_keys()
        guard unsafe record.read(source) else { throw .argument }
        let type = UInt8(exactly: unsafe record.type).flatMap(AuthenticationType.init(rawValue:))
        let count = Int(unsafe record.key_count)
        guard let type, (1...SessionAuthentication.maximumKeyCount).contains(count) else {
            throw .keys
        }
        var keys: [Key] = []
        for place in 0..<count {
            guard let first = unsafe record.keys else { throw .argument }
            keys.append(try unsafe Key(first[place]))
        }
        do throws(KeyChainError) {
            keyChain = try KeyChain(type: type, keys: keys)
        } catch {
            throw .keys
        }
        let sequence = unsafe record.transmit_sequence
        transmitSequence = sequence == 0 ? nil : sequence
    }

    /// The same where NULL means none.
    static func optional(
        _ source: UnsafePointer<gatewatch_keys>?
    ) throws(Failure) -> KeyRequest? {
        guard let source = unsafe source else { return nil }
        return try unsafe KeyRequest(source)
    }
}

extension Key {
    fileprivate init(_ key: gatewatch_key) throws(Failure) {
        let count = Int(unsafe key.secret_size)
        // No type takes more.
        guard (1...20).contains(count) else { throw .keys }
        guard let secret = unsafe key.secret else { throw .argument }
        let octets = unsafe UnsafeBufferPointer(
            start: secret.assumingMemoryBound(to: UInt8.self), count: count)
        self.init(id: unsafe key.id, secret: unsafe Secret(octets.span))
        rules.acceptedFrom = Instant(from: unsafe key.accepted_from)
        rules.acceptedUntil = Instant(until: unsafe key.accepted_until)
        rules.sentFrom = Instant(from: unsafe key.sent_from)
        rules.sentUntil = Instant(until: unsafe key.sent_until)
    }
}

extension Instant {
    fileprivate init(from moment: Int64) {
        self.init(nanoseconds: moment == 0 ? .min : moment)
    }

    fileprivate init(until moment: Int64) {
        self = moment == 0 ? .distantFuture : Instant(nanoseconds: moment)
    }
}
