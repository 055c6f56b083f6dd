// The Echo function (RFC 5880 §6.4, RFC 5881 §4): packets that the peer's forwarding plane sends
// back, so that detection does not wait for its BFD. Control packets go on at a slow pace.

/// The Echo packets of one session.
struct EchoState: Sendable, BitwiseCopyable {
    /// The interval they are drawn from, zero while none are sent.
    var interval = Microseconds(0)
    /// When the next one is due.
    var nextTransmitDeadline: Instant = .distantFuture
    /// When the last one was due.
    var lastTransmit = Instant(nanoseconds: .min)
    /// The earliest moment that their loss counts from: the start, another interval, a return.
    var listeningSince = Instant(nanoseconds: .min)
    /// The number of the last one.
    var sequence: UInt64 = 0
    /// Which of the last 64 have not come back: the lowest bit is the last one.
    var outstanding: UInt64 = 0

    @_noAllocation @_noLocks
    init() {}
}

extension Session {
    /// The interval of our Echo packets before jitter; zero while we send none (RFC 5880 §6.8.9).
    ///
    /// Never below what the peer is ready to loop, and only while Up.
    public var echoTransmitInterval: Microseconds {
        @_noAllocation @_noLocks get {
            let wanted = configuration.desiredMinEchoTxInterval
            guard wanted.count > 0, state == .up, remoteMinEchoRxInterval.count > 0,
                !isUnaffiliatedEcho
            else { return Microseconds(0) }
            return Microseconds.maximum(wanted, remoteMinEchoRxInterval)
        }
    }

    /// Whether we detect by Echo packets now.
    public var isEchoActive: Bool {
        @_noAllocation @_noLocks get { echoTransmitInterval.count > 0 }
    }

    /// A receive interval as Echo leaves it: Control packets at least a second apart suffice
    /// (RFC 5880 §6.8.3).
    @_noAllocation @_noLocks
    func slowedByEcho(_ interval: Microseconds) -> Microseconds {
        isEchoActive ? Microseconds.maximum(interval, .second) : interval
    }

    /// When the Echo packets that did not come back are too many; the distant future without any.
    var echoDetectionDeadline: Instant {
        @_noAllocation @_noLocks get {
            if echo.interval.count == 0 { return .distantFuture }
            return echo.listeningSince + echo.interval.nanoseconds * Int64(detectMultiplier)
        }
    }

    /// Starts, stops or repaces Echo packets after anything that decides on them has changed.
    @_noAllocation @_noLocks
    mutating func updateEcho(at now: Instant, _ random: inout SplitMix64) {
        let interval = echoTransmitInterval
        if interval == echo.interval { return }
        let wasActive = echo.interval.count > 0
        echo.interval = interval
        if interval.count == 0 {
            echo.nextTransmitDeadline = .distantFuture
            echo.outstanding = 0
            outbox.echo = false
        } else {
            if !wasActive { echo.outstanding = 0 }
            echo.listeningSince = now
            scheduleEcho(at: now, &random)
        }
        if wasActive != (interval.count > 0) { applyConfiguredIntervals() }
    }

    private mutating func scheduleEcho(at now: Instant, _ random: inout SplitMix64) {
        guard echo.lastTransmit.nanoseconds != .min else {
            echo.nextTransmitDeadline = now
            return
        }
        let due = jittered(from: echo.lastTransmit, echo.interval, &random)
        echo.nextTransmitDeadline = due < now ? now : due
    }

    /// Owes an Echo packet now, and counts the next interval from here.
    @_noAllocation @_noLocks
    mutating func requestEcho(at now: Instant, _ random: inout SplitMix64) {
        outbox.echo = true
        echo.lastTransmit = now
        echo.nextTransmitDeadline = jittered(from: now, echo.interval, &random)
    }

    /// The next Echo packet, which is outstanding from now on.
    @_noAllocation @_noLocks
    mutating func makeEcho(at now: Instant, sealedBy secret: EchoSecret) -> EchoPayload {
        echo.sequence &+= 1
        echo.outstanding = echo.outstanding << 1 | 1
        counters.echoesSent &+= 1
        return EchoPayload(
            localDiscriminator: localDiscriminator, sequence: echo.sequence, moment: now,
            sealedBy: secret)
    }

    /// Credits an Echo packet of ours that came back; `false` for one that is not outstanding.
    @_noAllocation @_noLocks
    mutating func creditEcho(_ payload: EchoPayload, receivedAt: Instant) -> Bool {
        let age = echo.sequence &- payload.sequence
        guard age < 64, echo.outstanding >> age & 1 == 1 else { return false }
        echo.outstanding &= ~(1 << age)
        if echo.listeningSince < receivedAt { echo.listeningSince = receivedAt }
        counters.echoesReturned &+= 1
        counters.lastEchoRoundTrip = receivedAt - payload.moment
        return true
    }
}
