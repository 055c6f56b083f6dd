/// What a daemon may do beyond what any program may; part of `status`.
public struct PrivilegeStatus: Codable, Sendable, Hashable {
    /// The user it runs as.
    public var userID: UInt32
    /// Whether nothing it could execute would gain rights.
    public var hasNoNewPrivileges: Bool
    /// What it has kept.
    public var kept: [Right]
    /// What it had at the start and gave up, by names such as `CAP_SYS_NICE`.
    public var givenUp: [String]
    /// What it would use and was not given.
    public var missing: [Right]

    /// A capability and the feature that wants it.
    public struct Right: Codable, Sendable, Hashable {
        /// Such as `CAP_NET_ADMIN`.
        public var capability: String
        /// What it is for.
        public var purpose: String
        /// Whether it is in force for moments only.
        public var isRaisedWhenUsed: Bool

        /// A right by its parts.
        public init(capability: String, purpose: String, isRaisedWhenUsed: Bool) {
            self.capability = capability
            self.purpose = purpose
            self.isRaisedWhenUsed = isRaisedWhenUsed
        }

        private enum CodingKeys: String, CodingKey {
            case capability
            case purpose
            case isRaisedWhenUsed = "raised-when-used"
        }
    }

    /// A status by its parts.
    public init(
        userID: UInt32, hasNoNewPrivileges: Bool, kept: [Right], givenUp: [String],
        missing: [Right]
    ) {
        self.userID = userID
        self.hasNoNewPrivileges = hasNoNewPrivileges
        self.kept = kept
        self.givenUp = givenUp
        self.missing = missing
    }

    private enum CodingKeys: String, CodingKey {
        case userID = "user-id"
        case hasNoNewPrivileges = "no-new-privileges"
        case kept
        case givenUp = "given-up"
        case missing
    }
}
