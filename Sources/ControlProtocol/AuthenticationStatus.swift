public import BFDCore

/// An authentication type under its YANG name (RFC 9314 `remote-authentication-type`).
public enum AuthenticationTypeName: String, Codable, Sendable, Hashable, CaseIterable {
    /// The password itself in every packet.
    case simplePassword = "simple-password"
    /// MD5, sequence numbers that may stay.
    case keyedMD5 = "keyed-md5"
    /// MD5, a sequence number for every packet.
    case meticulousKeyedMD5 = "meticulous-keyed-md5"
    /// SHA1, sequence numbers that may stay.
    case keyedSHA1 = "keyed-sha1"
    /// SHA1, a sequence number for every packet.
    case meticulousKeyedSHA1 = "meticulous-keyed-sha1"

    /// The name of a type.
    public init(_ type: AuthenticationType) {
        switch type {
        case .simplePassword: self = .simplePassword
        case .keyedMD5: self = .keyedMD5
        case .meticulousKeyedMD5: self = .meticulousKeyedMD5
        case .keyedSHA1: self = .keyedSHA1
        case .meticulousKeyedSHA1: self = .meticulousKeyedSHA1
        }
    }

    /// The type of a name.
    public var type: AuthenticationType {
        switch self {
        case .simplePassword: .simplePassword
        case .keyedMD5: .keyedMD5
        case .meticulousKeyedMD5: .meticulousKeyedMD5
        case .keyedSHA1: .keyedSHA1
        case .meticulousKeyedSHA1: .meticulousKeyedSHA1
        }
    }
}

/// How a session authenticates: never with what.
public struct AuthenticationStatus: Codable, Sendable, Hashable {
    /// The type of every packet, both ways.
    public var type: AuthenticationTypeName
    /// The ids of the keys, whether or not their time is now.
    public var keyIDs: [UInt8]

    /// A status by its parts.
    public init(type: AuthenticationTypeName, keyIDs: [UInt8]) {
        self.type = type
        self.keyIDs = keyIDs
    }

    private enum CodingKeys: String, CodingKey {
        case type
        case keyIDs = "key-ids"
    }
}
