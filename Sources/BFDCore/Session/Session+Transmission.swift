extension Session {
    /// Whether periodic packets are sent at all (RFC 5880 §6.8.7).
    var transmitsPeriodically: Bool {
        @inline(__always) @_noAllocation @_noLocks get {
            if isSilent { return false }
            if remoteMinRxInterval.count == 0 { return false }
            let isQuietedByDemand = remoteDemandMode && state == .up && remoteState == .up
            return !isQuietedByDemand || isPolling
        }
    }

    /// Whether nothing at all may be sent: not begun, given up, or passive and the peer not heard.
    var isSilent: Bool {
        @_noAllocation @_noLocks get {
            if life.isSilent || isWaitingToStart { return true }
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
        updateEcho(at: now, &random)
        let interval = transmitsPeriodically ? transmitInterval : Microseconds(0)
        if interval == scheduledInterval { return }
        // Silence under the old interval says nothing about the new one.
        if isUnaffiliatedEcho { listeningSince = now }
        scheduledInterval = interval
        if interval.count == 0 {
            nextTransmitDeadline = .distantFuture
        } else if lastTransmit.nanoseconds == .min {
            nextTransmitDeadline = now
        } else {
            let due = jittered(from: lastTransmit, interval, &random)
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
            nextTransmitDeadline = jittered(from: now, scheduledInterval, &random)
        } else {
            scheduledInterval = Microseconds(0)
            nextTransmitDeadline = .distantFuture
        }
    }

    /// When the next packet is due: an interval after `start`, shortened at random by up to a
    /// quarter, and by at least a tenth if a single missing packet is a failure (RFC 5880 §6.8.7).
    ///
    /// A four-hundredth stays unused, at most 50 µs: what the timer is late by. Among many
    /// sessions, the moment is moved down to one that others share, so that their packets leave
    /// together; no packet leaves sooner than it may for it, nor later. A two-hundredth stays
    /// unused at both ends then: what it takes to send those that leave together.
    @_noAllocation @_noLocks
    mutating func jittered(
        from start: Instant, _ interval: Microseconds, _ random: inout SplitMix64
    ) -> Instant {
        let span = interval.nanoseconds.count
        let crowding = crowd.isCrowd ? span / 200 : 0
        let least = span / 4 * 3 + crowding
        let limit = detectMultiplier == 1 ? span / 10 * 9 : span
        let used = limit - least - Swift.max(crowding, Swift.min(span / 400, 50_000))
        let extra = random.next(below: UInt64(truncatingIfNeeded: used) + 1)
        let due = start.nanoseconds + least + Int64(truncatingIfNeeded: extra)
        let earliest = start.nanoseconds + least
        guard crowd.isCrowd, span >= 64 else { return Instant(nanoseconds: due) }
        let mask = crowd.step(span) - 1
        let shared = due & ~mask
        if shared >= earliest { return Instant(nanoseconds: shared) }
        let next = shared + mask + 1
        return Instant(nanoseconds: next <= start.nanoseconds + least + used ? next : due)
    }

    /// The packet as it stands now (RFC 5880 §6.8.7).
    @_noAllocation @_noLocks
    mutating func makePacket(final: Bool) -> ControlPacket {
        if isUnaffiliatedEcho { return makeLoopPacket() }
        let poll = !final && isPolling
        if poll { pollSequence = .active }
        noteContentSaid()
        return ControlPacket(
            diagnostic: localDiagnostic, state: state, poll: poll, final: final,
            controlPlaneIndependent: configuration.controlPlaneIndependent,
            demand: isInDemandMode, detectMultiplier: detectMultiplier,
            myDiscriminator: localDiscriminator,
            yourDiscriminator: remoteDiscriminator, desiredMinTxInterval: desiredMinTxInterval,
            requiredMinRxInterval: requiredMinRxInterval,
            requiredMinEchoRxInterval: configuration.requiredMinEchoRxInterval)
    }
}

/// Among how many sessions one is: what the deadlines of their packets are rounded by.
///
/// Each wake-up costs as much as some five packets. With thousands of sessions many packets are due
/// in a millisecond anyway, and more of them at once would leave too late; with a hundred, two
/// milliseconds gather what one would not.
enum Crowd: UInt8, Sendable, BitwiseCopyable {
    /// So few that hardly two packets are due together.
    case none
    case small
    case large

    @_noAllocation @_noLocks
    init(of sessionCount: Int) {
        if sessionCount < 32 {
            self = .none
        } else {
            self = sessionCount < 512 ? .small : .large
        }
    }

    var isCrowd: Bool {
        @_noAllocation @_noLocks get {
            switch self {
            case .none: false
            case .small, .large: true
            }
        }
    }

    /// The distance of shared moments, in nanoseconds: a power of two below a sixty-fourth of the
    /// interval and a millisecond, or in a small crowd below twice of both.
    @_noAllocation @_noLocks
    func step(_ span: Int64) -> Int64 {
        let step = Swift.min(Int64(1) << (57 - Int64(span.leadingZeroBitCount)), 1 << 20)
        switch self {
        case .none, .large: return step
        case .small: return step << 1
        }
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
