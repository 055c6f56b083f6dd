extension Session {
    /// Whether periodic packets are sent at all (RFC 5880 §6.8.7).
    var transmitsPeriodically: Bool {
        @_noAllocation @_noLocks get {
            if isSilent { return false }
            if remoteMinRxInterval.count == 0 { return false }
            let isQuietedByDemand = remoteDemandMode && state == .up && remoteState == .up
            return !isQuietedByDemand || isPolling
        }
    }

    /// Whether nothing at all may be sent: passive, and the peer not heard, or given up.
    var isSilent: Bool {
        @_noAllocation @_noLocks get {
            if life.isSilent { return true }
            return switch configuration.role {
            case .active: false
            case .passive:
                // A discriminator that is known beforehand does not tell that the peer is there.
                remoteDiscriminator == 0
                    || configuration.remoteDiscriminator != 0 && !isDetecting
            }
        }
    }

    /// Keeps the transmit deadline in step with the interval (RFC 5880 §6.8.3).
    ///
    /// An unchanged interval leaves the deadline alone. A new one counts from the last packet, so a
    /// packet that is overdue under it is due now.
    @_noAllocation @_noLocks
    mutating func updateSchedule(at now: Instant, _ random: inout SplitMix64) {
        let interval = transmitsPeriodically ? transmitInterval : Microseconds(0)
        if interval == scheduledInterval { return }
        scheduledInterval = interval
        if interval.count == 0 {
            nextTransmitDeadline = .distantFuture
        } else if lastTransmit.nanoseconds == .min {
            nextTransmitDeadline = now
        } else {
            let due = lastTransmit + jittered(interval, &random)
            nextTransmitDeadline = due < now ? now : due
        }
    }

    /// Owes the peer a packet now, and counts the next interval from here.
    @_noAllocation @_noLocks
    mutating func requestTransmission(at now: Instant, _ random: inout SplitMix64) {
        if isSilent { return }
        outbox.periodic = true
        restartSchedule(at: now, &random)
    }

    /// Counts the next interval from `now`, when a packet leaves.
    @_noAllocation @_noLocks
    mutating func restartSchedule(at now: Instant, _ random: inout SplitMix64) {
        lastTransmit = now
        if transmitsPeriodically {
            scheduledInterval = transmitInterval
            nextTransmitDeadline = now + jittered(scheduledInterval, &random)
        } else {
            scheduledInterval = Microseconds(0)
            nextTransmitDeadline = .distantFuture
        }
    }

    /// An interval shortened at random by up to a quarter, and by at least a tenth when a single
    /// missing packet is a failure (RFC 5880 §6.8.7).
    private func jittered(_ interval: Microseconds, _ random: inout SplitMix64) -> Nanoseconds {
        let span = interval.nanoseconds.count
        let least = span / 4 * 3
        let room = detectMultiplier == 1 ? span / 20 * 3 : span - least
        let extra = random.next(below: UInt64(truncatingIfNeeded: room) + 1)
        return Nanoseconds(least + Int64(truncatingIfNeeded: extra))
    }

    /// The packet as it stands now (RFC 5880 §6.8.7).
    @_noAllocation @_noLocks
    mutating func makePacket(final: Bool) -> ControlPacket {
        let poll = !final && isPolling
        if poll { pollSequence = .active }
        return ControlPacket(
            diagnostic: localDiagnostic, state: state, poll: poll, final: final,
            controlPlaneIndependent: configuration.controlPlaneIndependent,
            demand: isInDemandMode, detectMultiplier: detectMultiplier,
            myDiscriminator: localDiscriminator,
            yourDiscriminator: remoteDiscriminator, desiredMinTxInterval: desiredMinTxInterval,
            requiredMinRxInterval: requiredMinRxInterval)
    }
}

/// Limits Final answers to one per transmit interval, with a burst of ten (RFC 5880 §6.8.7).
struct FinalLimiter: Sendable, BitwiseCopyable {
    private var tokens: Int64 = 10
    private var refilled = Instant(nanoseconds: 0)

    @_noAllocation @_noLocks
    init() {}

    /// Whether one more answer may go; `interval` is what we advertise.
    @_noAllocation @_noLocks
    mutating func admit(at now: Instant, interval: Microseconds) -> Bool {
        let span = interval.nanoseconds.count
        let earned = (now.nanoseconds - refilled.nanoseconds) / span
        if tokens + earned >= 10 {
            tokens = 10
            refilled = now
        } else if earned > 0 {
            tokens += earned
            refilled = Instant(nanoseconds: refilled.nanoseconds + earned * span)
        }
        guard tokens > 0 else { return false }
        tokens -= 1
        return true
    }
}
