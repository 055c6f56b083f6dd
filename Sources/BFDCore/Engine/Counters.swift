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

extension DiscardReason {
    /// The place of the reason's counter.
    var index: Int {
        @_noAllocation @_noLocks get {
            switch self {
            case .ttlNot255: 0
            case .ttlBelowMinimum: 1
            case .truncated: 2
            case .unsupportedVersion: 3
            case .lengthTooSmall: 4
            case .lengthExceedsPayload: 5
            case .detectMultiplierZero: 6
            case .multipointSet: 7
            case .myDiscriminatorZero: 8
            case .unknownYourDiscriminator: 9
            case .yourDiscriminatorZeroBadState: 10
            case .noSession: 11
            case .sourceMismatch: 12
            case .wrongInterface: 13
            case .authenticationUnexpected: 14
            case .authenticationMissing: 15
            case .authenticationTypeMismatch: 16
            case .authenticationKeyUnknown: 17
            case .authenticationLengthBad: 18
            case .authenticationSequenceOutsideWindow: 19
            case .authenticationMismatch: 20
            case .pollAndFinal: 21
            case .outputFull: 22
            case .localAdminDown: 23
            case .ttlNot254: 28
            case .seamlessDemandClear: 29
            case .seamlessDemandSet: 30
            case .seamlessSourcePort: 31
            case .sourceNotInSubnet: 24
            }
        }
    }
}
