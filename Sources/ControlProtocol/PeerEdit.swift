/// A change of a peer at run time.
///
/// Keys and values are those of the configuration file.
public struct PeerEdit: Sendable, Hashable {
    /// What to do.
    public enum Action: String, Codable, Sendable, Hashable {
        /// A new peer; `settings` has its `dest-addr`.
        case add
        /// Other values for some keys.
        case set
        /// No such peer any more.
        case remove
    }

    /// A key with its value.
    public struct Setting: Sendable, Hashable {
        /// Such as `local-multiplier`.
        public var key: String
        /// Such as `5`.
        public var value: String

        /// A key with its value.
        public init(key: String, value: String) {
            self.key = key
            self.value = value
        }

        /// As the file would say it.
        public var text: String { "\(key): \(value)" }
    }

    /// What to do.
    public var action: Action
    /// The peer's name.
    public var peer: String
    /// The keys it concerns, in order.
    public var settings: [Setting]
    /// Whether to write it to the file as well.
    public var saves: Bool

    /// A change by its parts.
    public init(_ action: Action, peer: String, settings: [Setting] = [], saves: Bool = false) {
        self.action = action
        self.peer = peer
        self.settings = settings
        self.saves = saves
    }
}

/// Answers a change of a peer.
public struct PeerEditReport: Codable, Sendable, Hashable {
    /// The peer's name.
    public var peer: String
    /// What was done.
    public var action: PeerEdit.Action
    /// Whether anything is otherwise than before.
    public var hasChanged: Bool
    /// Whether the session ended, and another one began.
    public var restarts: Bool
    /// What changed, such as `local-multiplier 3 -> 5`.
    public var changes: [String]
    /// The file it was written to; nil when it was not.
    public var savedTo: String?
    /// Warnings, each as `check` prints it.
    public var warnings: [String]

    /// A report by its parts.
    public init(
        peer: String, action: PeerEdit.Action, hasChanged: Bool, restarts: Bool = false,
        changes: [String] = [], savedTo: String? = nil, warnings: [String] = []
    ) {
        self.peer = peer
        self.action = action
        self.hasChanged = hasChanged
        self.restarts = restarts
        self.changes = changes
        self.savedTo = savedTo
        self.warnings = warnings
    }

    private enum CodingKeys: String, CodingKey {
        case peer
        case action
        case hasChanged = "changed"
        case restarts
        case changes
        case savedTo = "saved-to"
        case warnings
    }
}
