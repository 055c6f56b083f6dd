/// Answers `reload`: what a configuration that was read again means for what runs.
public struct ReloadReport: Codable, Sendable, Hashable {
    /// What became of the configuration.
    public enum Outcome: String, Codable, Sendable, Hashable {
        /// It is in force.
        case applied
        /// It is in force, and was before.
        case unchanged
        /// It would be in force, had it not been a rehearsal.
        case planned
    }

    /// Where it was read.
    public var file: String
    /// What became of it.
    public var outcome: Outcome
    /// Sessions that come, change or go.
    public var peers = Changes()
    /// Routes, by prefix, table and metric.
    public var routes = Changes()
    /// Who may start sessions, by prefix and interface.
    public var unsolicited = Changes()
    /// What concerns the daemon as a whole.
    public var settings: [SettingChange] = []
    /// What was changed at run time and is in no file; it stays.
    public var unsaved: [UnsavedPeer] = []
    /// What was changed at run time and gives way to the file.
    public var dropped: [UnsavedPeer] = []
    /// Warnings about the file, each as `check` prints it.
    public var warnings: [String] = []

    /// A report without any change.
    public init(file: String, outcome: Outcome) {
        self.file = file
        self.outcome = outcome
    }

    /// Whether nothing comes, changes or goes.
    public var isEmpty: Bool {
        peers.isEmpty && routes.isEmpty && unsolicited.isEmpty && settings.isEmpty
            && dropped.isEmpty
    }
}

extension ReloadReport {
    /// What comes, changes and goes of one kind.
    public struct Changes: Codable, Sendable, Hashable {
        /// The names of those that are new.
        public var added: [String] = []
        /// Those that change.
        public var changed: [ChangedItem] = []
        /// The names of those that are no more.
        public var removed: [String] = []
        /// How many stay as they are.
        public var unchangedCount = 0

        /// No change.
        public init() {}

        /// Whether nothing comes, changes or goes.
        public var isEmpty: Bool { added.isEmpty && changed.isEmpty && removed.isEmpty }

        private enum CodingKeys: String, CodingKey {
            case added
            case changed
            case removed
            case unchangedCount = "unchanged"
        }
    }

    /// Something that stays, with other parameters.
    public struct ChangedItem: Codable, Sendable, Hashable {
        /// Its name.
        public var name: String
        /// Whether its session ends, and another one begins.
        public var restarts: Bool
        /// What changes, such as `local-multiplier 3 -> 5`.
        public var changes: [String]

        /// An item by its parts.
        public init(name: String, restarts: Bool = false, changes: [String]) {
            self.name = name
            self.restarts = restarts
            self.changes = changes
        }
    }

    /// A key that concerns the daemon as a whole.
    public struct SettingChange: Codable, Sendable, Hashable {
        /// The key, such as `log.level`.
        public var key: String
        /// What runs.
        public var from: String
        /// What the file says.
        public var to: String
        /// Whether only a restart takes it over.
        public var needsRestart: Bool

        /// A key by its parts.
        public init(key: String, from: String, to: String, needsRestart: Bool) {
            self.key = key
            self.from = from
            self.to = to
            self.needsRestart = needsRestart
        }

        private enum CodingKeys: String, CodingKey {
            case key
            case from
            case to
            case needsRestart = "needs-restart"
        }
    }
}

/// A peer that is not as the file says: changed at run time, and not saved.
public struct UnsavedPeer: Codable, Sendable, Hashable {
    /// What was done to it.
    public enum Change: String, Codable, Sendable, Hashable {
        /// The file does not have it.
        case added
        /// The file has other values.
        case changed
        /// The file still has it.
        case removed
    }

    /// Its name.
    public var name: String
    /// What was done to it.
    public var change: Change
    /// The keys it concerns, such as `local-multiplier: 5`.
    public var settings: [String]

    /// A peer by its parts.
    public init(name: String, change: Change, settings: [String] = []) {
        self.name = name
        self.change = change
        self.settings = settings
    }
}

/// Which configuration is in force, as `status` shows it.
public struct ConfigurationStatus: Codable, Sendable, Hashable {
    /// The file; nil for a daemon that was told everything by options.
    public var file: String?
    /// Since when what runs is in force.
    public var since: Timestamp
    /// Why the file as it is now is not in force; empty when it is.
    public var errors: [String] = []
    /// When that was found.
    public var refusedAt: Timestamp?
    /// Keys whose values in the file only a restart takes over.
    public var needsRestart: [String] = []
    /// What was changed at run time and is in no file.
    public var unsaved: [UnsavedPeer] = []
    /// How many configurations have been applied since the start, the first included.
    public var appliedCount = 1
    /// How many have been refused.
    public var refusedCount = 0

    /// The configuration of the start.
    public init(file: String?, since: Timestamp) {
        self.file = file
        self.since = since
    }

    private enum CodingKeys: String, CodingKey {
        case file
        case since
        case errors
        case refusedAt = "refused-at"
        case needsRestart = "needs-restart"
        case unsaved
        case appliedCount = "applied-count"
        case refusedCount = "refused-count"
    }
}
