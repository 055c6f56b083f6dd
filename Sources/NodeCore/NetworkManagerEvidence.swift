/// What is known of NetworkManager and the links of one namespace.
public struct NetworkManagerEvidence: Sendable, Hashable {
    /// What is known of a link.
    public enum Word: Sendable, Hashable {
        /// NetworkManager manages it.
        case managed
        /// The operator told NetworkManager to leave it alone, or it leaves it by itself.
        case unmanaged
    }

    /// Who says so.
    public enum Source: Sendable, Hashable, CustomStringConvertible {
        /// NetworkManager itself, on the system bus.
        case bus
        /// Its file in `/run/NetworkManager/devices`.
        case deviceFile
        /// A connection profile that names the link.
        case profile(String)
        /// `unmanaged-devices` or a `[device]` section of its configuration.
        case configuration

        /// The source as a part of a sentence.
        public var description: String {
            switch self {
            case .bus: "NetworkManager on the system bus"
            case .deviceFile: "its file in /run/NetworkManager/devices"
            case .profile(let name): "the connection profile \(name)"
            case .configuration: "NetworkManager's configuration"
            }
        }
    }

    /// Whether it runs.
    public var isAlive: Bool
    /// Whether its network namespace is the one of the links; nil when unknown.
    public var sharesNamespace: Bool?
    /// Its version, where it was told.
    public var version: String?
    /// What it says, by the index of the link; links it says nothing of are missing.
    public var words: [UInt32: Word]
    /// Who says it.
    public var sources: [UInt32: Source] = [:]

    /// Evidence by its parts.
    public init(isAlive: Bool, sharesNamespace: Bool?, words: [UInt32: Word] = [:]) {
        self.isAlive = isAlive
        self.sharesNamespace = sharesNamespace
        self.words = words
    }

    /// What a device file of NetworkManager says.
    ///
    /// A file without the key means that another reason than a request keeps its hands off.
    public static func word(inDeviceFile text: String) -> Word {
        KeyFile(text).flag("managed", in: "device") == true ? .managed : .unmanaged
    }
}
