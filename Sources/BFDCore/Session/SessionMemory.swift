// What is left of a session when its process is killed. The peer waits for a detection time; a
// process that begins within it goes on as if it had only been silent:
//
//     kept ─┐ killed      begins: listens, sends at once
//     ──────┴──┼ ─ ─ ─ ─ ─ ─ ┼────────────────────┤ nothing heard: Down
//              └ the peer's ─ ─ ─ ─ ─ ─ ┤          │
//                detection time         └─ ours ───┘
//
// What came meanwhile went to nobody, so silence counts from the moment when somebody listens
// again; a session is Up for one detection time more at most. If the peer has given us up, the
// first packet from it says so, and the session goes Down as RFC 5880 §6.8.6 has it.

/// What a session that is Up needs to go on in a process that knows nothing else of it.
public struct SessionMemory: Sendable, Hashable, BitwiseCopyable {
    /// bfd.LocalDiscr.
    public var localDiscriminator: UInt32
    /// bfd.RemoteDiscr.
    public var remoteDiscriminator: UInt32
    /// bfd.DesiredMinTxInterval, as the peer was told last.
    public var desiredMinTxInterval: Microseconds
    /// bfd.RequiredMinRxInterval, as the peer was told last.
    public var requiredMinRxInterval: Microseconds
    /// What the first stands for until a Poll Sequence has ended.
    public var transmitIntervalInEffect: Microseconds
    /// What the second stands for until a Poll Sequence has ended.
    public var receiveIntervalInEffect: Microseconds
    /// bfd.RemoteMinRxInterval.
    public var remoteMinRxInterval: Microseconds
    /// Desired Min TX Interval as last received.
    public var remoteDesiredMinTxInterval: Microseconds
    /// Required Min Echo RX Interval as last received.
    public var remoteMinEchoRxInterval: Microseconds
    /// bfd.DetectMult.
    public var detectMultiplier: UInt8
    /// Detect Mult as last received.
    public var remoteDetectMultiplier: UInt8
    /// When the session came Up.
    public var up: Instant
    /// When the last valid packet had arrived.
    public var heard: Instant

    /// Nothing known yet.
    public init() {
        localDiscriminator = 0
        remoteDiscriminator = 0
        desiredMinTxInterval = Microseconds(0)
        requiredMinRxInterval = Microseconds(0)
        transmitIntervalInEffect = Microseconds(0)
        receiveIntervalInEffect = Microseconds(0)
        remoteMinRxInterval = Microseconds(0)
        remoteDesiredMinTxInterval = Microseconds(0)
        remoteMinEchoRxInterval = Microseconds(0)
        detectMultiplier = 0
        remoteDetectMultiplier = 0
        up = Instant(nanoseconds: 0)
        heard = Instant(nanoseconds: 0)
    }

    /// How long the peer waits for us before it gives us up.
    public var patienceOfPeer: Nanoseconds {
        let interval = Microseconds.maximum(desiredMinTxInterval, remoteMinRxInterval)
        return Nanoseconds(interval.nanoseconds.count * Int64(detectMultiplier))
    }

    /// How long it waits at least from a moment when we lived: our last packet may have left an
    /// interval before.
    public var leastPatienceOfPeer: Nanoseconds {
        let interval = Microseconds.maximum(desiredMinTxInterval, remoteMinRxInterval)
        return Nanoseconds(interval.nanoseconds.count * (Int64(detectMultiplier) - 1))
    }

    /// Whether these can be a session's numbers.
    var isSound: Bool {
        localDiscriminator != 0 && remoteDiscriminator != 0 && remoteDetectMultiplier != 0
            && desiredMinTxInterval.count != 0 && transmitIntervalInEffect.count != 0
            && remoteMinRxInterval.count != 0
    }
}

extension Session {
    /// What to keep for another process; `nil` for a session that would begin anew.
    ///
    /// It would unless both ends are Up and each hears the other all the time: one that is kept
    /// down, waits in Demand mode, is made of Echo packets alone, or was started by its peer.
    public var memory: SessionMemory? {
        guard state == .up, remoteState == .up, isDetecting, !isBeingRemoved, !isUnsolicited,
            !isUnaffiliatedEcho, !isDemandSignalled, !remoteDemandMode, !isPathDown, !isHeldDown
        else { return nil }
        var memory = SessionMemory()
        memory.localDiscriminator = localDiscriminator
        memory.remoteDiscriminator = remoteDiscriminator
        memory.desiredMinTxInterval = desiredMinTxInterval
        memory.requiredMinRxInterval = requiredMinRxInterval
        memory.transmitIntervalInEffect = transmitIntervalInEffect
        memory.receiveIntervalInEffect = receiveIntervalInEffect
        memory.remoteMinRxInterval = remoteMinRxInterval
        memory.remoteDesiredMinTxInterval = remoteDesiredMinTxInterval
        memory.remoteMinEchoRxInterval = remoteMinEchoRxInterval
        memory.detectMultiplier = detectMultiplier
        memory.remoteDetectMultiplier = remoteDetectMultiplier
        memory.up = lastStateChange
        memory.heard = lastReceived
        return memory.isSound ? memory : nil
    }

    /// A session that goes on after its process was killed, as the configuration wants it now.
    ///
    /// Its first packet is due at once, and silence counts from `now`. `nil` where it has to begin
    /// anew.
    init?(_ configuration: SessionConfiguration, _ memory: SessionMemory, at now: Instant) {
        guard memory.isSound, !configuration.isAdministrativelyDown else { return nil }
        self.init(configuration, localDiscriminator: memory.localDiscriminator, at: now)
        guard !isUnaffiliatedEcho else { return nil }
        startDeadline = .distantFuture
        state = .up
        remoteState = .up
        remoteDiscriminator = memory.remoteDiscriminator
        remoteMinRxInterval = memory.remoteMinRxInterval
        remoteDesiredMinTxInterval = memory.remoteDesiredMinTxInterval
        remoteMinEchoRxInterval = memory.remoteMinEchoRxInterval
        remoteDetectMultiplier = memory.remoteDetectMultiplier
        desiredMinTxInterval = memory.desiredMinTxInterval
        requiredMinRxInterval = memory.requiredMinRxInterval
        transmitIntervalInEffect = memory.transmitIntervalInEffect
        receiveIntervalInEffect = memory.receiveIntervalInEffect
        lastStateChange = memory.up < now ? memory.up : now
        counters.lastUp = lastStateChange
        isDetecting = true
        listeningSince = now
        lastReceived = memory.heard < now ? memory.heard : now
        // A Poll Sequence that was under way is not known to have ended.
        if transmitIntervalInEffect != desiredMinTxInterval
            || receiveIntervalInEffect != requiredMinRxInterval
        {
            requestPoll()
        }
        applyConfiguredIntervals()
        scheduledInterval = transmitInterval
        nextTransmitDeadline = now
    }
}

extension Engine {
    /// What to keep of a session; `nil` where there is none that could go on.
    public func memory(inSlot slot: Int) -> SessionMemory? {
        sessions.isInUse(slot) ? sessions[slot].memory : nil
    }

    /// Goes on with a session whose process was killed; `nil` where it has to begin anew.
    ///
    /// Authentication is set afterwards.
    public mutating func recall(
        _ memory: SessionMemory, _ configuration: SessionConfiguration, at now: Instant
    ) -> SessionHandle? {
        guard configuration.path.isReachable,
            let session = Session(configuration, memory, at: now)
        else { return nil }
        return try? takeOver(SessionHandover(session: session, authentication: nil), at: now)
    }
}
