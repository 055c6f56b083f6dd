// Unaffiliated Echo (RFC 9747): the peer knows nothing of BFD and only forwards our own packets
// back to us. The state machine is that of RFC 5880 §6.2, fed by what we said a moment ago:
//
//     Down, Your 0  →  looped  →  Init, Your = My  →  looped  →  Up
//
// Nothing is negotiated: intervals and multiplier are those provisioned here.

extension Session {
    /// Whether the packets of the session are looped by a peer that does not speak BFD.
    public var isUnaffiliatedEcho: Bool {
        @_noAllocation @_noLocks get { configuration.path.transport == .unaffiliatedEcho }
    }

    /// The interval of packets while not Up: with the most jitter still a second.
    private static var slowLoopInterval: Microseconds {
        @_noAllocation @_noLocks get { Microseconds(1_333_334) }
    }

    /// Takes the intervals of the state: what is provisioned while Up, a packet a second otherwise.
    @_noAllocation @_noLocks
    mutating func adoptLoopIntervals() {
        hasPendingChange = false
        let provisioned = configuration.desiredMinTxInterval
        desiredMinTxInterval =
            state == .up ? provisioned : Microseconds.maximum(provisioned, Self.slowLoopInterval)
        requiredMinRxInterval = configuration.requiredMinRxInterval
        transmitIntervalInEffect = desiredMinTxInterval
        receiveIntervalInEffect = requiredMinRxInterval
    }

    /// How long after the last looped packet the path counts as broken (RFC 9747 §2).
    var loopDetectionTime: Nanoseconds? {
        @_noAllocation @_noLocks get {
            guard remoteDetectMultiplier > 0 else { return nil }
            return transmitIntervalInEffect.nanoseconds * Int64(detectMultiplier)
        }
    }

    /// Keeps what a looped packet says; its intervals say nothing (RFC 9747 §2).
    @_noAllocation @_noLocks
    mutating func storeLooped(_ packet: ControlPacket, receivedAt: Instant) {
        remoteDiscriminator = packet.myDiscriminator
        remoteState = packet.state
        remoteDiagnostic = packet.diagnostic
        remoteDetectMultiplier = packet.detectMultiplier
        if lastReceived < receivedAt { lastReceived = receivedAt }
        isDetecting = true
        counters.received &+= 1
    }

    /// The packet to be looped: intervals of a second that nobody reads, no P, no F.
    @_noAllocation @_noLocks
    func makeLoopPacket() -> ControlPacket {
        ControlPacket(
            diagnostic: localDiagnostic, state: state, poll: false, final: false,
            controlPlaneIndependent: false, demand: false, detectMultiplier: detectMultiplier,
            myDiscriminator: localDiscriminator, yourDiscriminator: remoteDiscriminator,
            desiredMinTxInterval: .second, requiredMinRxInterval: .second,
            requiredMinEchoRxInterval: Microseconds(0))
    }

    /// Turns what is left of a removed session into a disabled one for those who ask, or says that
    /// it lives again; what to tell of it.
    ///
    /// On the wire there is no AdminDown (RFC 9747 §2): the session itself is gone.
    public mutating func setDisabled(
        _ isDisabled: Bool, _ handle: SessionHandle, at now: Instant
    ) -> StateChange {
        configuration.isAdministrativelyDown = isDisabled
        remoteDiscriminator = 0
        let transition =
            isDisabled
            ? enter(.adminDown, .administrativelyDisabled, .administrativelyDown, at: now)
            : enter(.down, .administrativelyEnabled, nil, at: now)
        return StateChange(self, handle, transition, at: now)
    }

    /// Notes what a disabled session is to be like when it is enabled.
    public mutating func follow(_ configuration: SessionConfiguration) {
        let path = self.configuration.path
        self.configuration = configuration
        self.configuration.path = path
        self.configuration.isAdministrativelyDown = true
    }
}

extension SessionConfiguration {
    /// Whether Echo packets of either end are asked for.
    var usesEcho: Bool {
        desiredMinEchoTxInterval.count > 0 || requiredMinEchoRxInterval.count > 0
    }

    /// Whether an unaffiliated Echo session can be what is asked for.
    ///
    /// It speaks first, knows no AdminDown, and sends to an address of its own (RFC 9747 §2).
    var isPossibleLoop: Bool {
        guard path.transport == .unaffiliatedEcho else { return true }
        switch role {
        case .active: return !isAdministrativelyDown && !path.source.isUnspecified
        case .passive: return false
        }
    }
}
