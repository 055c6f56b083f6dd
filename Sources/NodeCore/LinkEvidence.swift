/// A link of the namespace that a change is meant for.
public struct LinkEvidence: Sendable, Hashable {
    /// Its index, which counts in its own namespace only.
    public var index: UInt32
    /// Its name.
    public var name: String
    /// Its kind as the kernel names it, such as `team`, `bond` or `vlan`; nil for hardware.
    public var kind: String?
    /// The index of the link it is a port of.
    public var masterIndex: UInt32?
    /// The index of the link it is built on, in the same namespace; for a veth, nil.
    public var parentIndex: UInt32?

    /// A link by its parts.
    public init(
        index: UInt32, name: String, kind: String? = nil, masterIndex: UInt32? = nil,
        parentIndex: UInt32? = nil
    ) {
        self.index = index
        self.name = name
        self.kind = kind
        self.masterIndex = masterIndex
        self.parentIndex = parentIndex
    }
}

/// What is known of NetworkManager.
public struct NetworkManagerEvidence: Sendable, Hashable {
    /// What a file of `/run/NetworkManager/devices` or D-Bus says of a link.
    public enum Word: Sendable, Hashable {
        /// NetworkManager manages it.
        case managed
        /// The operator told NetworkManager to leave it alone, or it leaves it by itself.
        case unmanaged
    }

    /// Whether it runs.
    public var isAlive: Bool
    /// Whether its network namespace is the one of the links; nil when unknown.
    public var sharesNamespace: Bool?
    /// What it says, by the index of the link; links it says nothing of are missing.
    public var words: [UInt32: Word]

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
        var isDevice = false
        for line in text.split(whereSeparator: \.isNewline) {
            if line.hasPrefix("[") { isDevice = line == "[device]" }
            if isDevice, line == "managed=true" || line == "managed=1" { return .managed }
        }
        return .unmanaged
    }
}
