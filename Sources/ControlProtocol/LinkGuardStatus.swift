/// What the daemon's link guard keeps from being changed, and how often it had to.
public struct LinkGuardStatus: Codable, Sendable, Hashable {
    /// The names that the configuration protects.
    public var protectedLinks: [String]
    /// How many changes were refused since the start.
    public var refusalCount: UInt64
    /// The refusals by change and reason; only those that occurred.
    public var refusals: [Refusal]

    /// Changes of one kind that were refused for one reason.
    public struct Refusal: Codable, Sendable, Hashable {
        /// What was asked, such as `set-down`.
        public var change: String
        /// Why it was refused: `team`, `managed`, `related`, `unknown`, `protected` or `absent`.
        public var reason: String
        /// How often.
        public var count: UInt64
        /// The link that was meant last.
        public var link: String
        /// The last refusal as a sentence.
        public var cause: String

        /// A refusal by its parts.
        public init(
            change: String, reason: String, count: UInt64, link: String, cause: String
        ) {
            self.change = change
            self.reason = reason
            self.count = count
            self.link = link
            self.cause = cause
        }
    }

    /// A status by its parts.
    public init(protectedLinks: [String], refusals: [Refusal]) {
        self.protectedLinks = protectedLinks
        self.refusals = refusals
        refusalCount = refusals.reduce(0) { $0 + $1.count }
    }

    private enum CodingKeys: String, CodingKey {
        case protectedLinks = "protected-links"
        case refusalCount = "refusal-count"
        case refusals
    }
}
