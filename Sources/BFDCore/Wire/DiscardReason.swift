/// Why a received packet was dropped: one case per check, counted per case, never logged.
///
/// The order of the cases is the order of the checks where RFC 5880 §6.8.6 gives one.
public enum DiscardReason: UInt8, Error, Sendable, Hashable, CaseIterable, BitwiseCopyable {
    /// Single hop: the TTL or hop limit is not 255, or the kernel did not tell it.
    case ttlNot255
    /// The TTL or hop limit is below the minimum of the session.
    case ttlBelowMinimum
    /// Fewer than 24 octets.
    case truncated
    /// The version is not 1.
    case unsupportedVersion
    /// Length is below 24, or below 26 with the A bit.
    case lengthTooSmall
    /// Length is more than what arrived.
    case lengthExceedsPayload
    /// Detect Mult is zero.
    case detectMultiplierZero
    /// The M bit is set.
    case multipointSet
    /// My Discriminator is zero.
    case myDiscriminatorZero
    /// No session has this Your Discriminator.
    case unknownYourDiscriminator
    /// Your Discriminator is zero although the sender is Init or Up.
    case yourDiscriminatorZeroBadState
    /// Your Discriminator is zero and no session fits the addresses and the interface.
    case noSession
    /// The packet came from another address than the peer's.
    case sourceMismatch
    /// The packet came in by another link than the session's.
    case wrongInterface
    /// The packet asks for a session, but its source is not in a subnet of the link it came by.
    case sourceNotInSubnet
    /// The A bit is set, but the session uses no authentication.
    case authenticationUnexpected
    /// The A bit is clear, but the session uses authentication.
    case authenticationMissing
    /// Auth Type is not the session's.
    case authenticationTypeMismatch
    /// No key of the session with this id is accepted now.
    case authenticationKeyUnknown
    /// Auth Len does not fit the type and the key, or reaches past Length.
    case authenticationLengthBad
    /// The sequence number does not follow the last one.
    case authenticationSequenceOutsideWindow
    /// Password or digest is wrong.
    case authenticationMismatch
    /// Poll and Final are both set.
    case pollAndFinal
    /// The engine's outputs have not been fetched: the caller's fault, and never the daemon's.
    case outputFull
    /// The session is administratively down here: what the packet says is kept, and no more.
    case localAdminDown

    /// The name in counters, status and metrics.
    public var name: StaticString {
        switch self {
        case .ttlNot255: "ttl_not_255"
        case .ttlBelowMinimum: "ttl_below_minimum"
        case .truncated: "too_short"
        case .unsupportedVersion: "bad_version"
        case .lengthTooSmall: "length_too_small"
        case .lengthExceedsPayload: "length_exceeds_payload"
        case .detectMultiplierZero: "detect_mult_zero"
        case .multipointSet: "multipoint_set"
        case .myDiscriminatorZero: "my_discr_zero"
        case .unknownYourDiscriminator: "unknown_your_discr"
        case .yourDiscriminatorZeroBadState: "your_discr_zero_bad_state"
        case .noSession: "no_session"
        case .sourceMismatch: "source_mismatch"
        case .wrongInterface: "wrong_interface"
        case .sourceNotInSubnet: "source_not_in_subnet"
        case .authenticationUnexpected: "auth_unexpected"
        case .authenticationMissing: "auth_missing"
        case .authenticationTypeMismatch: "auth_type_mismatch"
        case .authenticationKeyUnknown: "auth_key_unknown"
        case .authenticationLengthBad: "auth_len_bad"
        case .authenticationSequenceOutsideWindow: "auth_seq_window"
        case .authenticationMismatch: "auth_mismatch"
        case .pollAndFinal: "poll_and_final"
        case .outputFull: "output_full"
        case .localAdminDown: "local_admin_down"
        }
    }
}
