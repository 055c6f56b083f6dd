/// What one packet did to a session.
struct ReceptionEffect {
    var change: StateTransition?
    /// The packet asks for an answer with F.
    var wantsFinal = false
    /// The packet was kept from the state machine: the session is administratively down.
    var isLocallyAdminDown = false
}

/// A change of state and why.
struct StateTransition {
    var from: SessionState
    var to: SessionState
    var cause: StateChangeCause
}

extension Session {
    /// Takes a packet that every check before the state variables has let through.
    ///
    /// RFC 5880 §6.8.6, from "Set bfd.RemoteDiscr" on.
    @_noAllocation @_noLocks
    mutating func receive(
        _ packet: ControlPacket, receivedAt: Instant, at now: Instant
    ) -> ReceptionEffect {
        store(packet, receivedAt: receivedAt)
        notePollAnswer(final: packet.final)
        var effect = ReceptionEffect()
        effect.wantsFinal = packet.poll
        if state == .adminDown {
            effect.isLocallyAdminDown = true
            return effect
        }
        switch StateMachine.step(from: state, receiving: packet.state) {
        case .stay:
            break
        case .initialize:
            if !isHeldDown { effect.change = enter(.initializing, .handshake, nil, at: now) }
        case .goUp:
            if !isHeldDown { effect.change = enter(.up, .handshake, nil, at: now) }
        case .goDown:
            let cause: StateChangeCause = packet.state == .adminDown ? .peerAdminDown : .peerDown
            effect.change = enter(.down, cause, .neighborSignaledSessionDown, at: now)
        }
        return effect
    }

    private mutating func store(_ packet: ControlPacket, receivedAt: Instant) {
        if remoteDiscriminator != 0 && remoteDiscriminator != packet.myDiscriminator {
            counters.discriminatorChanges &+= 1
        }
        remoteDiscriminator = packet.myDiscriminator
        remoteState = packet.state
        remoteDiagnostic = packet.diagnostic
        remoteDemandMode = packet.demand
        remoteMinRxInterval = packet.requiredMinRxInterval
        remoteDesiredMinTxInterval = packet.desiredMinTxInterval
        remoteMinEchoRxInterval = packet.requiredMinEchoRxInterval
        remoteDetectMultiplier = packet.detectMultiplier
        remoteControlPlaneIndependent = packet.controlPlaneIndependent
        if lastReceived < receivedAt { lastReceived = receivedAt }
        isDetecting = true
        counters.received &+= 1
        if wantsPollOnContact { requestPoll() }
    }

    /// Enters a state; `diagnostic` is `nil` where the RFC leaves bfd.LocalDiag alone.
    @_noAllocation @_noLocks
    mutating func enter(
        _ new: SessionState, _ cause: StateChangeCause, _ diagnostic: Diagnostic?, at now: Instant
    ) -> StateTransition {
        let old = state
        state = new
        if let diagnostic { localDiagnostic = diagnostic }
        lastStateChange = now
        if old == .up {
            noteLeftUp(at: now)
            endDemand(at: now)
        }
        if new == .up { counters.lastUp = now }
        if new == .adminDown { counters.adminDowns &+= 1 }
        if old == .up || new == .up { adoptIntervalsOfState() }
        if isUnsolicited { followLife(to: new, at: now) }
        return StateTransition(from: old, to: new, cause: cause)
    }

    private mutating func noteLeftUp(at now: Instant) {
        if state == .down { counters.downs &+= 1 }
        counters.lastDown = now
    }

    /// Nothing valid arrived for a detection time (RFC 5880 §6.8.4, §6.8.1 and §6.8.18).
    @_noAllocation @_noLocks
    mutating func expire(at now: Instant) -> StateTransition? {
        isDetecting = false
        remoteDiscriminator = configuration.remoteDiscriminator
        remoteState = .down
        remoteMinRxInterval = Microseconds(1)
        remoteDemandMode = false
        pollSequence = .idle
        if state == .up { noteExpiry(at: now) }
        switch state {
        case .up, .initializing:
            return enter(.down, .detectionTimeExpired, .controlDetectionTimeExpired, at: now)
        case .down:
            // Held erratum 5205.
            localDiagnostic = .controlDetectionTimeExpired
            return nil
        case .adminDown:
            return nil
        }
    }
}
