/// Why a packet was discarded, by the name of its counter under `rx-discard`.
public enum DiscardName: String, Codable, Sendable, Hashable, CaseIterable {
    /// Shorter than a control packet.
    case tooShort = "too_short"
    /// Not version 1.
    case badVersion = "bad_version"
    /// The Length field is below the minimum.
    case lengthTooSmall = "length_too_small"
    /// The Length field is beyond the payload.
    case lengthExceedsPayload = "length_exceeds_payload"
    /// Detect Mult is zero.
    case detectMultiplierZero = "detect_mult_zero"
    /// The Multipoint bit is set.
    case multipointSet = "multipoint_set"
    /// My Discriminator is zero.
    case myDiscriminatorZero = "my_discr_zero"
    /// Your Discriminator is none of ours.
    case unknownYourDiscriminator = "unknown_your_discr"
    /// Your Discriminator is zero in a state that knows it.
    case yourDiscriminatorZeroInBadState = "your_discr_zero_bad_state"
    /// No session is configured for the source.
    case noSession = "no_session"
    /// Authenticated, and we use none.
    case unexpectedAuthentication = "auth_unexpected"
    /// Not authenticated, and we demand it.
    case missingAuthentication = "auth_missing"
    /// Another authentication type.
    case authenticationTypeMismatch = "auth_type_mismatch"
    /// A key we do not have.
    case unknownAuthenticationKey = "auth_key_unknown"
    /// An authentication section of a wrong length.
    case badAuthenticationLength = "auth_len_bad"
    /// A sequence number outside the window.
    case sequenceOutsideWindow = "auth_seq_window"
    /// A wrong digest or password.
    case authenticationMismatch = "auth_mismatch"
    /// Both Poll and Final are set.
    case pollAndFinal = "poll_and_final"
    /// The TTL is not 255 where it must be.
    case ttlNot255 = "ttl_not_255"
    /// The TTL is not 254 where it must be.
    case ttlNot254 = "ttl_not_254"
    /// The TTL is below what is configured.
    case ttlBelowMinimum = "ttl_below_minimum"
    /// Came in by another interface.
    case wrongInterface = "wrong_interface"
    /// Came from another address.
    case sourceMismatch = "source_mismatch"
    /// Came from outside the interface's networks.
    case sourceNotInSubnet = "source_not_in_subnet"
    /// S-BFD without the Demand bit.
    case sbfdDemandClear = "sbfd_demand_clear"
    /// S-BFD with a Demand bit that must not be.
    case sbfdDemandSet = "sbfd_demand_set"
    /// S-BFD from a wrong port.
    case sbfdSourcePort = "sbfd_source_port"
    /// We are AdminDown; not counted as invalid.
    case localAdminDown = "local_admin_down"

    /// What the reason means and hints at, in a few words.
    public var meaning: String {
        switch self {
        case .tooShort: "shorter than a BFD packet"
        case .badVersion: "not BFD version 1"
        case .lengthTooSmall, .lengthExceedsPayload: "its length field is wrong"
        case .detectMultiplierZero: "its multiplier is zero"
        case .multipointSet: "multipoint BFD"
        case .myDiscriminatorZero: "without the sender's discriminator"
        case .unknownYourDiscriminator:
            "meant for a session we do not have, as after a restart without kept state"
        case .yourDiscriminatorZeroInBadState: "without our discriminator in a state that knows it"
        case .noSession: "from a sender that is no configured peer"
        case .unexpectedAuthentication: "authenticated, but we use no authentication"
        case .missingAuthentication: "not authenticated"
        case .authenticationTypeMismatch: "another authentication type than ours"
        case .unknownAuthenticationKey: "authenticated with a key we do not have"
        case .badAuthenticationLength: "an authentication section of a wrong length"
        case .sequenceOutsideWindow: "an old sequence number; perhaps replayed"
        case .authenticationMismatch: "a wrong digest or password"
        case .pollAndFinal: "a question and an answer at once"
        case .ttlNot255: "a router is in between, or it was forged from elsewhere"
        case .ttlNot254: "not exactly one router is in between"
        case .ttlBelowMinimum: "more routers in between than minimum-ttl allows"
        case .wrongInterface: "came in by another interface"
        case .sourceMismatch: "right discriminator from another address; see strict-source"
        case .sourceNotInSubnet: "from outside the interface's networks"
        case .sbfdDemandClear, .sbfdDemandSet, .sbfdSourcePort: "no S-BFD packet of its role"
        case .localAdminDown: "heard while the session is disabled here"
        }
    }
}
