extension OpenBFDD {
    /// Which kinds of lines are wanted in the log, by OpenBFDD's names for them.
    ///
    /// Ours has levels; of the kinds is only remembered what was said.
    public struct LogTypes: Sendable, Hashable {
        /// All kinds.
        public static var names: [String] {
            [
                "critical", "error", "warn", "app", "app_detail", "session", "session_detail",
                "discard", "discard_detail", "packet", "packet_contents", "command",
                "command_detail", "timer_detail", "temp",
            ]
        }

        /// How much is logged.
        public internal(set) var level = LogLevel.normal
        private var enabled: Set<String> = [
            "critical", "error", "warn", "app", "session", "command",
        ]

        /// As after a start.
        public init() {}

        /// Does what is asked for; the answer.
        mutating func take(_ change: LogChange) -> String {
            switch change {
            case .levels:
                let names = LogLevel.allCases.map(\.rawValue).joined(separator: ", ")
                return "Available log levels: \(names)\n"
            case .types:
                return "Available log types: \(Self.names.joined(separator: ", "))\n"
            case .level(let level):
                self.level = level
                return "Log level set to \(level.rawValue).\n"
            case .type(let name, let isWanted):
                let wasWanted = enabled.contains(name)
                if isWanted { enabled.insert(name) } else { enabled.remove(name) }
                return "Log type \(name) set to \(isWanted ? "yes" : "no"), "
                    + "was \(wasWanted ? "yes" : "no")\n"
            case .timing(let isWanted):
                return "Extended time logging \(isWanted ? "enabled" : "disabled").\n"
            }
        }
    }
}
