import BFDAuthentication
import BFDCore
import Foundation
import Testing

/// One packet of `fixtures/packets/vectors.json`, with what it meets and what must come of it.
struct PacketVector: Decodable, Sendable, CustomTestStringConvertible {
    let name: String
    let requirements: [String]
    let hex: String
    let ttl: UInt8
    let receiver: Receiver
    let authentication: Authentication?
    let fields: Fields?
    let effect: String?
    let verdict: String

    var isAccepted: Bool { verdict == "accept" }
    var bytes: [UInt8] { Self.bytes(ofHex: hex) }
    var testDescription: String { name }

    /// The state of the session the packet arrives at.
    struct Receiver: Decodable, Sendable {
        let transport: String
        let port: UInt16
        let localDiscriminator: UInt32
        let state: String
        let sourcePort: UInt16?
        let minimumTTL: UInt8?
        let knowsPeer: Bool?
        let onItsInterface: Bool?
    }

    /// What the session authenticates with.
    struct Authentication: Decodable, Sendable {
        let type: UInt8
        let keys: [Key]
        let receivedSequence: UInt32?
    }

    struct Key: Decodable, Sendable {
        let id: UInt8
        let secret: String
    }

    /// What a decoder reads. Intervals are in microseconds.
    struct Fields: Decodable, Sendable, Equatable {
        var version: UInt8
        var diagnostic: UInt8
        var state: String
        var poll: Bool
        var final: Bool
        var controlPlaneIndependent: Bool
        var authenticationPresent: Bool
        var demand: Bool
        var multipoint: Bool
        var detectMultiplier: UInt8
        var length: UInt8
        var myDiscriminator: UInt32
        var yourDiscriminator: UInt32
        var desiredMinTxInterval: UInt32
        var requiredMinRxInterval: UInt32
        var requiredMinEchoRxInterval: UInt32
        var trailingByteCount: Int
        var authenticationSection: AuthenticationSection?
    }

    struct AuthenticationSection: Decodable, Sendable, Equatable {
        var type: UInt8
        var length: UInt8
        var keyID: UInt8?
        var reserved: UInt8?
        var sequence: UInt32?
        var digest: String?
        var password: String?
    }

    /// What the session authenticates with, as the code under test takes it.
    var keyChain: KeyChain? {
        get throws {
            guard let authentication, !authentication.keys.isEmpty else { return nil }
            guard let type = AuthenticationType(rawValue: authentication.type) else {
                throw PacketVectors.NoSuchVector(name: "authentication of \(name)")
            }
            let keys = authentication.keys.map { key in
                BFDAuthentication.Key(id: key.id, secret: Secret(Self.bytes(ofHex: key.secret)))
            }
            return try KeyChain(type: type, keys: keys)
        }
    }

    static func bytes(ofHex hex: String) -> [UInt8] {
        let digits = hex.compactMap(\.hexDigitValue)
        return stride(from: 0, to: digits.count - 1, by: 2).map { index in
            UInt8(digits[index] * 16 + digits[index + 1])
        }
    }
}

/// The packets of `fixtures/packets`, read once.
enum PacketVectors {
    /// Empty when the file cannot be read, which its own test reports.
    static let all: [PacketVector] = (try? load()) ?? []

    static func load() throws -> [PacketVector] {
        let data = try Data(contentsOf: fixtures.appending(path: "packets/vectors.json"))
        return try JSONDecoder().decode([PacketVector].self, from: data)
    }

    /// The IDs of `fixtures/requirements.txt`.
    static func requirements() throws -> Set<String> {
        let file = fixtures.appending(path: "requirements.txt")
        let text = try String(contentsOf: file, encoding: .utf8)
        return Set(
            text.split(separator: "\n").filter { !$0.hasPrefix("#") }
                .compactMap { $0.split(separator: " ").first.map(String.init) })
    }

    static func named(_ name: String) throws -> PacketVector {
        guard let vector = all.first(where: { $0.name == name }) else {
            throw NoSuchVector(name: name)
        }
        return vector
    }

    struct NoSuchVector: Error {
        let name: String
    }

    private static let fixtures = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "fixtures")
}
