extension Session {
    /// The interval our next packets are drawn from (RFC 5880 §6.8.2): T before jitter.
    public var transmitInterval: Microseconds {
        @_noAllocation @_noLocks get {
            Microseconds.maximum(transmitIntervalInEffect, remoteMinRxInterval)
        }
    }

    /// The interval at which the peer may send (RFC 5880 §6.8.4); `nil` until it has been heard.
    public var receiveInterval: Microseconds? {
        @_noAllocation @_noLocks get {
            guard remoteDetectMultiplier > 0 else { return nil }
            return Microseconds.maximum(receiveIntervalInEffect, remoteDesiredMinTxInterval)
        }
    }

    /// How long after the last valid packet the session is declared down (RFC 5880 §6.8.4).
    ///
    /// `nil` until the peer has been heard. At most 255 × (2³² − 1) µs, so it always fits.
    public var detectionTime: Nanoseconds? {
        @_noAllocation @_noLocks get {
            if isUnaffiliatedEcho { return loopDetectionTime }
            guard let interval = receiveInterval else { return nil }
            return Nanoseconds(interval.nanoseconds.count * Int64(remoteDetectMultiplier))
        }
    }

    /// When silence becomes a failure; the distant future while it does not count.
    var detectionDeadline: Instant {
        @inline(__always) @_noAllocation @_noLocks get {
            guard isDetecting, let span = detectionTime else { return .distantFuture }
            if isDemandDetecting { return demandDetectionDeadline }
            return (lastReceived < listeningSince ? listeningSince : lastReceived) + span
        }
    }

    /// How long the peer waits for us, as far as we know.
    public var remoteDetectionTime: Nanoseconds {
        @_noAllocation @_noLocks get {
            let interval = Microseconds.maximum(desiredMinTxInterval, remoteMinRxInterval)
            return Nanoseconds(interval.nanoseconds.count * Int64(detectMultiplier))
        }
    }

    /// The earliest of what this session waits for.
    var nextDeadline: Instant {
        @inline(__always) @_noAllocation @_noLocks get {
            let (verdict, sending) = (nextVerdict, nextSending)
            return verdict < sending ? verdict : sending
        }
    }

    /// When the next packet of any kind is due.
    var nextSending: Instant {
        @inline(__always) @_noAllocation @_noLocks get {
            nextTransmitDeadline < echo.nextTransmitDeadline
                ? nextTransmitDeadline : echo.nextTransmitDeadline
        }
    }

    /// The earliest of what this session waits for, but for sending.
    var nextVerdict: Instant {
        @inline(__always) @_noAllocation @_noLocks get {
            var earliest = detectionDeadline
            if removalDeadline < earliest { earliest = removalDeadline }
            if settlingDeadline < earliest { earliest = settlingDeadline }
            if congestionDeadline < earliest { earliest = congestionDeadline }
            if startDeadline < earliest { earliest = startDeadline }
            if echoDetectionDeadline < earliest { earliest = echoDetectionDeadline }
            if life.deadline < earliest { earliest = life.deadline }
            return earliest
        }
    }

    /// The transmit interval to advertise in this state.
    private var wantedTransmitInterval: Microseconds {
        let interval = lengthened(eased(configuration.desiredMinTxInterval))
        return state == .up ? interval : Microseconds.maximum(interval, .second)
    }

    /// The receive interval to advertise.
    private var wantedReceiveInterval: Microseconds {
        if isHeldDown, let held = heldReceiveInterval { return held }
        return slowedByEcho(lengthened(eased(configuration.requiredMinRxInterval)))
    }

    private func lengthened(_ interval: Microseconds) -> Microseconds {
        guard let floor = intervalFloor else { return interval }
        return Microseconds.maximum(interval, floor)
    }

    /// Takes over the configured intervals as far as RFC 5880 §6.8.3 allows now.
    ///
    /// While Up, a longer transmit interval and a shorter receive interval wait for the end of the
    /// Poll Sequence, and a change during one waits for its turn. All others act at once, but for
    /// a shorter receive interval in any state: a peer that has not been told of it would be
    /// declared down when the session comes Up.
    @_noAllocation @_noLocks
    mutating func applyConfiguredIntervals() {
        if isUnaffiliatedEcho { return adoptLoopIntervals() }
        hasPendingChange = false
        let isUp = state == .up
        let transmit = wantedTransmitInterval
        let receive = wantedReceiveInterval
        if transmit == desiredMinTxInterval && receive == requiredMinRxInterval { return }
        if isUp && isPollOnWire {
            hasPendingChange = true
            return
        }
        desiredMinTxInterval = transmit
        requiredMinRxInterval = receive
        if !isUp || transmit < transmitIntervalInEffect { transmitIntervalInEffect = transmit }
        let isUnheard = lastReceived.nanoseconds == .min
        if isUnheard || receiveIntervalInEffect < receive { receiveIntervalInEffect = receive }
        requestPoll()
    }

    /// Sets the intervals of the state just entered, and has a Poll Sequence tell of them.
    ///
    /// Not Up means at least a second between packets (RFC 5880 §6.8.3).
    @_noAllocation @_noLocks
    mutating func adoptIntervalsOfState() {
        if isUnaffiliatedEcho { return adoptLoopIntervals() }
        hasPendingChange = false
        desiredMinTxInterval = wantedTransmitInterval
        requiredMinRxInterval = wantedReceiveInterval
        transmitIntervalInEffect = desiredMinTxInterval
        receiveIntervalInEffect = Microseconds.maximum(
            receiveIntervalInEffect, requiredMinRxInterval)
        requestPoll()
    }
}
