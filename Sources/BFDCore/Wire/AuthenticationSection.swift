/// How the packets of a session are authenticated, numbered as in Auth Type (RFC 5880 §4.1).
public enum AuthenticationType: UInt8, Sendable, Hashable, CaseIterable, BitwiseCopyable {
    /// The password itself stands in every packet.
    case simplePassword = 1
    /// MD5 over packet and key; the sequence number may stay for a while.
    case keyedMD5 = 2
    /// MD5, with a new sequence number for every packet.
    case meticulousKeyedMD5 = 3
    /// SHA1 over packet and key; the sequence number may stay for a while.
    case keyedSHA1 = 4
    /// SHA1, with a new sequence number for every packet.
    case meticulousKeyedSHA1 = 5

    /// The number in the Auth Type field.
    public var code: UInt8 {
        @_noAllocation @_noLocks get {
            switch self {
            case .simplePassword: 1
            case .keyedMD5: 2
            case .meticulousKeyedMD5: 3
            case .keyedSHA1: 4
            case .meticulousKeyedSHA1: 5
            }
        }
    }

    /// Whether every packet has a sequence number of its own.
    public var isMeticulous: Bool {
        @_noAllocation @_noLocks get {
            switch self {
            case .meticulousKeyedMD5, .meticulousKeyedSHA1: true
            case .simplePassword, .keyedMD5, .keyedSHA1: false
            }
        }
    }

    /// The octets of the digest; zero for a password.
    public var digestByteCount: Int {
        @_noAllocation @_noLocks get {
            switch self {
            case .simplePassword: 0
            case .keyedMD5, .meticulousKeyedMD5: 16
            case .keyedSHA1, .meticulousKeyedSHA1: 20
            }
        }
    }

    /// The longest secret: a password's 16 octets, or as long as the digest (RFC 5880 §6.7).
    public var maximumSecretByteCount: Int {
        @_noAllocation @_noLocks get {
            switch self {
            case .simplePassword: 16
            case .keyedMD5, .meticulousKeyedMD5: 16
            case .keyedSHA1, .meticulousKeyedSHA1: 20
            }
        }
    }

    /// The octets of a whole section with a secret of that length (RFC 5880 §4.2 to §4.4).
    @_noAllocation @_noLocks
    func sectionByteCount(secretByteCount: UInt8) -> UInt8 {
        switch self {
        case .simplePassword: secretByteCount + 3
        case .keyedMD5, .meticulousKeyedMD5: 24
        case .keyedSHA1, .meticulousKeyedSHA1: 28
        }
    }

    /// Whether two types are the same.
    @_noAllocation @_noLocks
    public static func == (left: AuthenticationType, right: AuthenticationType) -> Bool {
        left.code == right.code
    }
}

/// What the engine knows of a key: everything but the secret.
public struct AuthenticationKey: Sendable, BitwiseCopyable {
    /// Auth Key ID.
    public var id: UInt8
    /// The octets of the secret, 1 to 20.
    public var secretByteCount: UInt8
    /// From when on the key is accepted, and until just before when.
    public var acceptedFrom: Instant
    /// The end of acceptance.
    public var acceptedUntil: Instant
    /// From when on the key may be sent, and until just before when.
    public var sentFrom: Instant
    /// The end of sending.
    public var sentUntil: Instant

    /// A key, valid for ever unless told otherwise.
    public init(
        id: UInt8, secretByteCount: UInt8, acceptedFrom: Instant = Instant(nanoseconds: .min),
        acceptedUntil: Instant = .distantFuture, sentFrom: Instant = Instant(nanoseconds: .min),
        sentUntil: Instant = .distantFuture
    ) {
        self.id = id
        self.secretByteCount = secretByteCount
        self.acceptedFrom = acceptedFrom
        self.acceptedUntil = acceptedUntil
        self.sentFrom = sentFrom
        self.sentUntil = sentUntil
    }
}

/// How a session authenticates, without the secrets.
public struct SessionAuthentication: Sendable, BitwiseCopyable {
    /// How many keys a session may have at a time.
    public static var maximumKeyCount: Int { 8 }

    /// The type of every packet, both ways.
    public let type: AuthenticationType
    private var keys: InlineArray<8, AuthenticationKey>
    private let keyCount: Int

    /// Authentication with one to eight keys of different ids.
    public init(type: AuthenticationType, keys given: [AuthenticationKey]) {
        precondition(!given.isEmpty && given.count <= Self.maximumKeyCount)
        self.type = type
        keyCount = given.count
        keys = InlineArray(repeating: given[0])
        for (index, key) in given.enumerated() {
            precondition(Int(key.secretByteCount) <= type.maximumSecretByteCount)
            keys[index] = key
        }
    }

    /// The key with an id that is accepted now.
    @_noAllocation @_noLocks
    func acceptedKey(id: UInt8, at now: Instant) -> AuthenticationKey? {
        for index in 0..<keyCount {
            let key = keys[index]
            if key.id == id && !(now < key.acceptedFrom) && now < key.acceptedUntil { return key }
        }
        return nil
    }

    /// Whether a packet can be sent now: without a key there is none.
    public func canSend(at now: Instant) -> Bool { sendingKey(at: now) != nil }

    /// The key to send with now: of those that may be sent, the one whose time began last.
    @_noAllocation @_noLocks
    func sendingKey(at now: Instant) -> AuthenticationKey? {
        var selected: AuthenticationKey?
        for index in 0..<keyCount {
            let key = keys[index]
            guard !(now < key.sentFrom) && now < key.sentUntil else { continue }
            if let chosen = selected, !(chosen.sentFrom < key.sentFrom) { continue }
            selected = key
        }
        return selected
    }
}

/// What to write behind a packet that is to be authenticated.
public struct AuthenticationHeader: Sendable, BitwiseCopyable {
    /// Auth Type.
    public let type: AuthenticationType
    /// Auth Key ID.
    public let keyID: UInt8
    /// Sequence Number; without meaning for a password.
    public let sequence: UInt32

    @_noAllocation @_noLocks
    init(type: AuthenticationType, keyID: UInt8, sequence: UInt32) {
        self.type = type
        self.keyID = keyID
        self.sequence = sequence
    }
}

/// A packet of an authenticated session that is good but for its password or digest.
public struct AuthenticationChallenge: Sendable, BitwiseCopyable {
    /// The session it is for; none's while `template` names what one would be made from.
    public let session: SessionHandle
    /// The template of the session that the packet asks for (RFC 9468); `nil` when there is one.
    public let template: Int?
    /// Type, key and sequence number that the octets must fit.
    public let header: AuthenticationHeader
    let packet: ControlPacket
    let arrival: Arrival

    @_noAllocation @_noLocks
    init(
        session: SessionHandle, template: Int?, header: AuthenticationHeader,
        packet: ControlPacket, arrival: Arrival
    ) {
        self.session = session
        self.template = template
        self.header = header
        self.packet = packet
        self.arrival = arrival
    }

    /// The octets that the digest covers: those that Length names, padding left out.
    public var byteCount: Int { Int(packet.length) }
}
