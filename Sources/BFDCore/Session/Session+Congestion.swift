// Congestion (RFC 5880 §7): sessions that fail again and again by silence, and packets of ours that
// leave late, are signs that there is more to do than can be done. Both intervals are doubled then,
// by a Poll Sequence like any change of them, and one doubling is taken back in quiet times.

extension Session {
    private static var window: Nanoseconds { .seconds(60) }
    private static var quietTime: Nanoseconds { .seconds(600) }

    /// An interval as congestion leaves it: doubled once a level, up to a second.
    @_noAllocation @_noLocks
    func eased(_ interval: Microseconds) -> Microseconds {
        if congestionLevel == 0 || !(interval < .second) { return interval }
        let doubled = UInt64(interval.count) << UInt64(congestionLevel)
        return doubled < UInt64(Microseconds.second.count)
            ? Microseconds(UInt32(truncatingIfNeeded: doubled)) : .second
    }

    /// Silence took the session out of Up; the third time in a minute is congestion.
    @_noAllocation @_noLocks
    mutating func noteExpiry(at now: Instant) {
        let isThird = !(expiryBefore < now - Self.window)
        expiryBefore = isThird ? Instant(nanoseconds: .min) : lastExpiry
        lastExpiry = isThird ? Instant(nanoseconds: .min) : now
        if isThird { raiseCongestion(at: now) }
    }

    /// A periodic packet leaves late; more than half an interval is overload of this machine.
    @_noAllocation @_noLocks
    mutating func noteLateness(_ lateness: Nanoseconds, at now: Instant) {
        guard configuration.adaptsToCongestion, state == .up, isPollIdle else { return }
        guard scheduledInterval.nanoseconds.count < lateness.count * 2 else { return }
        raiseCongestion(at: now)
        applyConfiguredIntervals()
    }

    /// It has been quiet for long: takes one doubling back.
    @_noAllocation @_noLocks
    mutating func easeCongestion(at now: Instant) {
        congestionLevel = congestionLevel > 0 ? congestionLevel - 1 : 0
        congestionDeadline = congestionLevel == 0 ? .distantFuture : now + Self.quietTime
        applyConfiguredIntervals()
    }

    /// Without adaptation the intervals are those configured.
    @_noAllocation @_noLocks
    mutating func followCongestionSetting() {
        if configuration.adaptsToCongestion { return }
        congestionLevel = 0
        congestionDeadline = .distantFuture
    }

    private mutating func raiseCongestion(at now: Instant) {
        guard configuration.adaptsToCongestion else { return }
        congestionDeadline = now + Self.quietTime
        let transmit = eased(configuration.desiredMinTxInterval)
        let receive = eased(configuration.requiredMinRxInterval)
        if transmit < .second || receive < .second { congestionLevel += 1 }
    }
}
