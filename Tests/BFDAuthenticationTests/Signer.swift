import BFDCore
import Crypto

/// Writes and checks authenticated packets, sharing nothing with the code under test.
struct Signer {
    var type: UInt8
    var keyID: UInt8
    var secret: [UInt8]

    init(_ type: AuthenticationType, key: UInt8 = 1, _ secret: [UInt8]) {
        self.type = type.rawValue
        keyID = key
        self.secret = secret
    }

    /// The 24 octets of a packet with a section behind them.
    func signed(_ packet: ControlPacket, sequence: UInt32) -> [UInt8] {
        var packet = packet
        packet.authenticationPresent = true
        packet.length = UInt8(24 + sectionByteCount)
        var bytes = [UInt8](repeating: 0, count: 24)
        var span = bytes.mutableSpan
        var raw = unsafe span.mutableBytes
        packet.encode(into: &raw)
        if type == 1 { return bytes + [1, UInt8(secret.count + 3), keyID] + secret }
        bytes += [type, UInt8(sectionByteCount), keyID, 0]
        bytes += (0..<4).map { UInt8(truncatingIfNeeded: sequence >> (24 - 8 * $0)) }
        return bytes + digest(over: bytes + paddedSecret)
    }

    /// Whether a packet is signed as RFC 5880 §6.7 has it.
    func isRight(_ bytes: [UInt8]) -> Bool {
        guard bytes.count == 24 + sectionByteCount, Int(bytes[3]) == bytes.count,
            bytes[1] & 4 != 0, bytes[24] == type, Int(bytes[25]) == sectionByteCount,
            bytes[26] == keyID
        else { return false }
        if type == 1 { return Array(bytes[27...]) == secret }
        return bytes[27] == 0
            && Array(bytes[32...]) == digest(over: Array(bytes[..<32]) + paddedSecret)
    }

    private var width: Int { type < 4 ? 16 : 20 }
    private var sectionByteCount: Int { type == 1 ? secret.count + 3 : 8 + width }
    private var paddedSecret: [UInt8] {
        secret + [UInt8](repeating: 0, count: width - secret.count)
    }

    private func digest(over bytes: [UInt8]) -> [UInt8] {
        type < 4 ? Array(Insecure.MD5.hash(data: bytes)) : Array(Insecure.SHA1.hash(data: bytes))
    }
}

/// The sequence number of a packet with a digest.
func sequence(of bytes: [UInt8]) -> UInt32 {
    bytes[28..<32].reduce(0) { $0 << 8 | UInt32($1) }
}
