internal import BFDCore

/// What is known of an end from its packets and its operator alone.
///
/// Told apart from the engine on purpose: while a Poll Sequence is under way the RFC leaves some
/// room, and the ranges hold all that may be in effect; otherwise they hold one value.
struct EndModel: Sendable, BitwiseCopyable {
    var isLive = false
    var isScripted = false
    var node = 0
    var tick: Nanoseconds = .zero
    var localDiscriminator: UInt32 = 0
    var settings = SessionSettings()
    var state: SessionState = .down
    /// bfd.DesiredMinTxInterval, and bfd.RequiredMinRxInterval, as far as they may be in effect.
    var transmit = IntervalRange(.second)
    var receive = IntervalRange(.second)
    /// Whether its peer has started it, unasked.
    var isUnsolicited = false
    /// How often congestion has doubled its intervals.
    var easedLevel: UInt8 = 0
    /// It has asked its peer for silence, now or earlier.
    var hasDemanded = false
    /// Its peer may take silence to be wanted.
    var isDemandDetecting = false
    /// Whether the Poll Sequence under way asks for silence.
    var asksForSilence = false
    /// When the first packet of the Poll Sequence under way left.
    var pollStarted: Instant?
    /// The earliest moment that silence counts from.
    var listeningSince = Instant(nanoseconds: .min)
    /// What the Poll Sequence under way says.
    var polled: SessionSettings?
    var isHeard = false
    var lastHeard = Instant(nanoseconds: .min)
    var lastHeardSentAt = Instant(nanoseconds: .min)
    var remoteDesiredMinTx = Microseconds(0)
    var remoteMinRx = Microseconds(1)
    var remoteDetectMultiplier: UInt8 = 0
    var remoteMinEchoRx = Microseconds(0)
    var remoteState: SessionState = .down
    var remoteDemand = false
    /// When a change may last have moved its detection time into the past.
    var lastConfigured = Instant(nanoseconds: .min)
    var isPaused = false
    var lastResumed = Instant(nanoseconds: .min)
    /// When its peer last had a reason not to send: it began, ended, paused, left Up.
    var lastDisturbed = Instant(nanoseconds: .min)

    mutating func observe(_ event: Event, at now: Instant) {
        switch event {
        case .began(let beginning): begin(beginning, at: now)
        case .ended:
            isLive = false
            lastDisturbed = now
        case .configured(let new):
            settings = new
            if new.demandMode { hasDemanded = true }
            widen()
            lastConfigured = now
        case .sent(let packet): note(packet, at: now)
        case .lost, .echoSent, .echoReturned, .echoLost: break
        case .eased(let level):
            easedLevel = level
            widen()
        case .received(let receipt): if receipt.isAccepted { receive(receipt) }
        case .changed(let old, let new, _): change(from: old, to: new, at: now)
        case .paused:
            isPaused = true
            lastDisturbed = now
        case .resumed:
            isPaused = false
            lastResumed = now
            lastDisturbed = now
        }
    }

    /// The interval between its packets, before jitter.
    var transmitInterval: IntervalRange {
        switch state {
        // An expiry that changes no state frees it from what the peer asked for.
        case .down, .adminDown:
            let range = transmit.atLeast(remoteMinRx)
            return IntervalRange(low: transmit.low, high: range.high)
        case .initializing, .up: return transmit.atLeast(remoteMinRx)
        }
    }

    /// The detection time.
    var detectionTime: IntervalRange {
        let interval = receive.atLeast(remoteDesiredMinTx)
        let factor = Int64(remoteDetectMultiplier)
        return IntervalRange(low: interval.low * factor, high: interval.high * factor)
    }

    private mutating func begin(_ beginning: Beginning, at now: Instant) {
        let resumed = lastResumed
        let demanded = hasDemanded || beginning.settings.demandMode
        self = EndModel()
        lastResumed = resumed
        hasDemanded = demanded
        isLive = true
        isScripted = beginning.isScripted
        node = beginning.node
        tick = beginning.tick
        localDiscriminator = beginning.localDiscriminator
        settings = beginning.settings
        isUnsolicited = beginning.isUnsolicited
        state = beginning.state
        lastDisturbed = now
        settleTransmission()
        receive = IntervalRange(settings.requiredMinRxInterval)
    }

    /// The configured rate is the one in effect.
    private mutating func settleTransmission() {
        let wanted = eased(settings.desiredMinTxInterval)
        transmit = IntervalRange(state == .up ? wanted : Microseconds.maximum(wanted, .second))
    }

    /// Other intervals are wanted than before.
    private mutating func widen() {
        if state == .up {
            transmit.include(eased(settings.desiredMinTxInterval))
        } else {
            settleTransmission()
        }
        if isHeard {
            receive.include(wantedReceive)
        } else {
            receive = IntervalRange(wantedReceive)
        }
    }

    private mutating func note(_ packet: ControlPacket, at now: Instant) {
        guard packet.poll else { return }
        if pollStarted == nil {
            pollStarted = now
            asksForSilence = packet.demand
        }
        if packet.demand { isDemandDetecting = true }
        polled = SessionSettings(
            desiredMinTxInterval: packet.desiredMinTxInterval,
            requiredMinRxInterval: packet.requiredMinRxInterval)
    }

    private mutating func receive(_ receipt: Receipt) {
        let packet = receipt.packet
        isHeard = true
        lastHeard = max(lastHeard, receipt.receivedAt)
        lastHeardSentAt = receipt.sentAt
        remoteDesiredMinTx = packet.desiredMinTxInterval
        remoteMinRx = packet.requiredMinRxInterval
        remoteDetectMultiplier = packet.detectMultiplier
        remoteState = packet.state
        remoteDemand = packet.demand
        let before = echoInterval
        remoteMinEchoRx = packet.requiredMinEchoRxInterval
        if (before.count > 0) != (echoInterval.count > 0) { widen() }
        if packet.state == .initializing {
            // The peer does not take Demand as active any more.
            isDemandDetecting = false
            asksForSilence = false
        }
        guard packet.final, let answered = polled else { return }
        polled = nil
        pollStarted = nil
        isDemandDetecting = asksForSilence && state == .up
        let isTransmitTold = answered.desiredMinTxInterval == eased(settings.desiredMinTxInterval)
        let isReceiveTold = answered.requiredMinRxInterval == wantedReceive
        // In the other states silence may have ended the Poll unseen.
        guard state == .up && isTransmitTold && isReceiveTold else { return }
        settleTransmission()
        receive = IntervalRange(wantedReceive)
    }

    private mutating func change(from old: SessionState, to new: SessionState, at now: Instant) {
        state = new
        if old == .up || new == .up {
            polled = nil
            pollStarted = nil
            settleTransmission()
            receive.include(wantedReceive)
        }
        if old == .up {
            if isDemandDetecting { listeningSince = now }
            isDemandDetecting = false
        }
        lastDisturbed = now
    }
}
