/// How many packets were discarded, by reason.
public struct DiscardCounters: Sendable, BitwiseCopyable {
    private var counts = InlineArray<32, UInt64>(repeating: 0)

    @_noAllocation @_noLocks
    init() {}

    /// The count of one reason.
    public func count(of reason: DiscardReason) -> UInt64 {
        counts[reason.index]
    }

    /// Adds what another engine has counted.
    public mutating func add(_ other: DiscardCounters) {
        for index in 0..<32 { counts[index] &+= other.counts[index] }
    }

    @_noAllocation @_noLocks
    mutating func add(_ reason: DiscardReason) {
        counts[reason.index] &+= 1
    }
}

/// How many packets a session has discarded, by reason: those that can be once it was selected.
///
/// A quarter of what all reasons would take, for there are many sessions. A count that is full
/// stays.
public struct SessionDiscardCounters: Sendable, BitwiseCopyable {
    private var counts = InlineArray<16, UInt32>(repeating: 0)

    @_noAllocation @_noLocks
    init() {}

    /// The count of one reason; zero for those that come before a session is selected.
    public func count(of reason: DiscardReason) -> UInt64 {
        reason.index < 16 ? UInt64(counts[reason.index]) : 0
    }

    @_noAllocation @_noLocks
    mutating func add(_ reason: DiscardReason) {
        precondition(reason.index < 16)
        if counts[reason.index] < .max { counts[reason.index] &+= 1 }
    }
}

extension DiscardReason {
    /// The place of the reason's counter; below 16 for those that a session counts.
    var index: Int {
        @_noAllocation @_noLocks get {
            switch self {
            case .ttlNot255: 0
            case .ttlNot254: 1
            case .ttlBelowMinimum: 2
            case .noSession: 3
            case .sourceMismatch: 4
            case .wrongInterface: 5
            case .authenticationUnexpected: 6
            case .authenticationMissing: 7
            case .authenticationTypeMismatch: 8
            case .authenticationKeyUnknown: 9
            case .authenticationLengthBad: 10
            case .authenticationSequenceOutsideWindow: 11
            case .authenticationMismatch: 12
            case .pollAndFinal: 13
            case .outputFull: 14
            case .localAdminDown: 15
            case .truncated: 16
            case .unsupportedVersion: 17
            case .lengthTooSmall: 18
            case .lengthExceedsPayload: 19
            case .detectMultiplierZero: 20
            case .multipointSet: 21
            case .myDiscriminatorZero: 22
            case .unknownYourDiscriminator: 23
            case .yourDiscriminatorZeroBadState: 24
            case .sourceNotInSubnet: 25
            case .seamlessDemandClear: 26
            case .seamlessDemandSet: 27
            case .seamlessSourcePort: 28
            }
        }
    }
}
