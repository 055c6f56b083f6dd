internal import BFDCore
internal import ControlProtocol
internal import Foundation

/// Why the secret in a file cannot be used; never says what is in the file.
struct SecretFileError: Error {
    let message: String
}

/// A file that holds one secret.
struct SecretFile {
    let path: String
    let format: DaemonConfiguration.SecretFormat

    /// Longer than any secret in any format; what is longer is not read on.
    private static let maximumByteCount = 256

    /// The octets of the secret, 1 up to what the type takes.
    func secret(for type: AuthenticationTypeName) throws(SecretFileError) -> [UInt8] {
        let octets = try decoded(try contents())
        let maximum = type.type.maximumSecretByteCount
        guard !octets.isEmpty else {
            throw SecretFileError(message: "holds no secret: it is empty")
        }
        guard octets.count <= maximum else {
            throw SecretFileError(
                message: "holds a secret that is too long for \(type.rawValue) "
                    + "(allowed: 1 to \(maximum) octets)")
        }
        return octets
    }

    /// Whether others than its owner may read the file.
    ///
    /// A file of root's with a group of its own is made so for a daemon that does not run as root.
    var isReadableByOthers: Bool {
        guard let mode else { return false }
        let isForGroup = number(.ownerAccountID) == 0 && number(.groupOwnerAccountID) != 0
        return mode & (isForGroup ? 0o004 : 0o044) != 0
    }

    /// Whether others than its owner may put another secret in its place.
    var isWritableByOthers: Bool { (mode ?? 0) & 0o022 != 0 }

    private var mode: Int? { number(.posixPermissions) }

    private func number(_ key: FileAttributeKey) -> Int? {
        (attributes?[key] as? NSNumber)?.intValue
    }

    /// Those of the file itself, behind any symbolic links.
    private var attributes: [FileAttributeKey: Any]? {
        try? FileManager.default.attributesOfItem(
            atPath: URL(fileURLWithPath: path).resolvingSymlinksInPath().path)
    }

    private func contents() throws(SecretFileError) -> [UInt8] {
        if let type = attributes?[.type] as? FileAttributeType, type != .typeRegular {
            throw SecretFileError(message: "is no regular file")
        }
        do {
            let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            let data = try file.read(upToCount: Self.maximumByteCount + 1) ?? Data()
            return Array(data)
        } catch {
            throw SecretFileError(
                message: "cannot be read: \(ConfigurationFile.reason(error))")
        }
    }

    private func decoded(_ bytes: [UInt8]) throws(SecretFileError) -> [UInt8] {
        guard bytes.count <= Self.maximumByteCount else {
            throw SecretFileError(
                message: "is far larger than a secret (allowed: up to \(Self.maximumByteCount) "
                    + "octets)")
        }
        let text = bytes.last == UInt8(ascii: "\n") ? bytes.dropLast() : bytes[...]
        switch format {
        case .ascii:
            if let index = text.firstIndex(where: { !(0x20...0x7e).contains($0) }) {
                throw SecretFileError(
                    message: "has something else than visible ASCII at octet \(index + 1); "
                        + "for other octets use format: hex")
            }
            return Array(text)
        case .hex: return try Self.octets(ofHex: text)
        }
    }

    private static func octets(
        ofHex text: ArraySlice<UInt8>
    ) throws(SecretFileError) -> [UInt8] {
        let digits = text.compactMap { Character(UnicodeScalar($0)).hexDigitValue }
        guard digits.count == text.count, digits.count.isMultiple(of: 2) else {
            throw SecretFileError(
                message: "is not hexadecimal (allowed: pairs of the digits 0 to 9 and a to f)")
        }
        return stride(from: 0, to: digits.count, by: 2).map { index in
            UInt8(digits[index] * 16 + digits[index + 1])
        }
    }
}
