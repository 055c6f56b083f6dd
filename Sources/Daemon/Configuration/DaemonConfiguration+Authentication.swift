public import ControlProtocol

extension DaemonConfiguration {
    /// How a session authenticates. The secrets themselves are in files.
    public struct Authentication: Sendable, Hashable {
        /// The type of every packet, both ways.
        public var type: AuthenticationTypeName
        /// One to eight keys of different ids.
        public var keys: [Key]

        /// Authentication by its parts.
        public init(type: AuthenticationTypeName, keys: [Key]) {
            self.type = type
            self.keys = keys
        }
    }

    /// A key, by the file that holds its secret.
    public struct Key: Sendable, Hashable {
        /// Auth Key ID.
        public var id: UInt8
        /// The path of the file; absolute, or relative to the process.
        public var secretFile: String
        /// How the secret is written in the file.
        public var format: SecretFormat = .ascii
        /// When the key may be sent.
        public var sendLifetime = Lifetime()
        /// When the key is accepted.
        public var acceptLifetime = Lifetime()

        /// A key that is valid for ever, its secret in plain text.
        public init(id: UInt8, secretFile: String) {
            self.id = id
            self.secretFile = secretFile
        }
    }

    /// How a secret is written in its file.
    public enum SecretFormat: String, Sendable, Hashable, CaseIterable {
        /// Its characters, one line feed behind them left out.
        case ascii
        /// Two hexadecimal digits per octet.
        case hex
    }

    /// A span of wall-clock time, its end left out.
    public struct Lifetime: Sendable, Hashable {
        /// Its first moment; nil for ever before.
        public var start: Timestamp?
        /// The moment it is over; nil for never.
        public var end: Timestamp?

        /// A span by its ends.
        public init(start: Timestamp? = nil, end: Timestamp? = nil) {
            self.start = start
            self.end = end
        }
    }
}
