// Our own lateness: a peer that has waited in vain for us is right to give up, and then it is our
// machine that should be looked at, not the path.

/// How late a packet left that was later than the peer waits for.
struct Lateness: Sendable, BitwiseCopyable {
    /// When it left.
    var moment = Instant(nanoseconds: .min)
    /// By how much, in microseconds; what does not fit is as much as fits.
    var microseconds: UInt32 = 0

    @_noAllocation @_noLocks
    init() {}
}

extension Session {
    /// The interval that counts for the peer while both ends are Up, in nanoseconds.
    private var intervalWhileUp: Int64 {
        let wanted = configuration.desiredMinTxInterval
        return Microseconds.maximum(wanted, remoteMinRxInterval).nanoseconds.count
    }

    /// By how much a packet may be late before the peer gives us up, in nanoseconds.
    private var margin: Int64 {
        // With a multiplier of one, what jitter leaves of the interval.
        let spare = Int64(detectMultiplier) - 1
        return spare > 0 ? intervalWhileUp * spare : intervalWhileUp / 10
    }

    /// Remembers how late a packet leaves, if that is later than the peer waits for.
    @_noAllocation @_noLocks
    mutating func noteOwnLateness(_ span: Nanoseconds, at now: Instant) {
        guard span.count > margin, state == .up else { return }
        lateness.moment = now
        lateness.microseconds = Self.microseconds(span)
    }

    /// By how much we were later than the peer waits for, within its detection time before `now`,
    /// in microseconds; zero if we were not.
    ///
    /// A packet that is overdue and has not left yet counts too.
    @_noAllocation @_noLocks
    func ownLateness(at now: Instant) -> UInt32 {
        if nextTransmitDeadline < now {
            let overdue = now - nextTransmitDeadline
            if overdue.count > margin { return Self.microseconds(overdue) }
        }
        let since = now.nanoseconds - intervalWhileUp * Int64(detectMultiplier)
        return lateness.moment.nanoseconds < since ? 0 : lateness.microseconds
    }

    private static func microseconds(_ span: Nanoseconds) -> UInt32 {
        let count = UInt64(truncatingIfNeeded: span.count) / 1_000
        return count < UInt64(UInt32.max) ? UInt32(truncatingIfNeeded: count) : .max
    }
}
