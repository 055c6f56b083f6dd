// What the world outside BFD knows about a path, and has BFD tell the peer.

extension Engine {
    /// Our forwarding state was lost, and the peer must no longer rely on it (RFC 5880 §6.8.15).
    ///
    /// A session that is AdminDown stays that.
    public mutating func resetForwardingPlane(
        _ handle: SessionHandle, at now: Instant
    ) throws(EngineError) {
        let slot = try slot(of: handle, at: now)
        switch sessions[slot].state {
        case .adminDown:
            return
        case .down:
            sessions[slot].localDiagnostic = .forwardingPlaneReset
        case .initializing, .up:
            let transition = sessions[slot].enter(
                .down, .forwardingPlaneReset, .forwardingPlaneReset, at: now)
            announce(slot, transition)
        }
        owePacket(slot)
        requeue(slot)
    }

    /// Something else knows that the path is down, or up again (RFC 5880 §6.8.16).
    ///
    /// Down means AdminDown with the diagnostic Path Down. One that an operator has disabled stays
    /// disabled when the path is back.
    public mutating func setPathDown(
        _ isDown: Bool, _ handle: SessionHandle, at now: Instant
    ) throws(EngineError) {
        let slot = try slot(of: handle, at: now)
        guard !sessions[slot].isBeingRemoved else { throw .unknownSession }
        guard sessions[slot].isPathDown != isDown else { return }
        sessions[slot].isPathDown = isDown
        if isDown {
            disable(slot, .pathDown, .pathDown)
        } else {
            enable(slot, .pathRestored)
        }
        requeue(slot)
    }

    /// Tells the peer, without leaving Up, that a path beyond this one is down (RFC 5880 §6.8.17).
    ///
    /// `diagnostic` is Concatenated Path Down, Reverse Concatenated Path Down, or `nil` when the
    /// path is back. A later failure overwrites it; it is to be signalled again after that.
    public mutating func setConcatenatedPathDiagnostic(
        _ diagnostic: Diagnostic?, _ handle: SessionHandle, at now: Instant
    ) throws(EngineError) {
        let slot = try slot(of: handle, at: now)
        guard sessions[slot].state == .up else { throw .notUp }
        if let diagnostic {
            guard diagnostic.isConcatenatedPath else { throw .notConcatenatedPath }
            sessions[slot].localDiagnostic = diagnostic
        } else if sessions[slot].localDiagnostic.isConcatenatedPath {
            sessions[slot].localDiagnostic = .none
        }
        sessions[slot].pollForDemand()
        sessions[slot].updateSchedule(at: now, &random)
        pollOnceWhileQuiet(slot)
        requeue(slot)
    }

    /// Keeps a session from leaving Down, or lets it go on (RFC 5880 §6.2 and §6.8.18).
    ///
    /// Meanwhile `requiredMinRxInterval` stands in for the configured one, where it is given: a
    /// large one slows the peer down, and zero silences it.
    public mutating func setHeldDown(
        _ isHeld: Bool, _ handle: SessionHandle, requiredMinRxInterval: Microseconds? = nil,
        at now: Instant
    ) throws(EngineError) {
        let slot = try slot(of: handle, at: now)
        sessions[slot].isHeldDown = isHeld
        sessions[slot].heldReceiveInterval = isHeld ? requiredMinRxInterval : nil
        sessions[slot].applyConfiguredIntervals()
        sessions[slot].updateSchedule(at: now, &random)
        pollOnceWhileQuiet(slot)
        requeue(slot)
    }
}

extension Diagnostic {
    /// Whether the code is about a path beyond the session's own.
    var isConcatenatedPath: Bool {
        self == .concatenatedPathDown || self == .reverseConcatenatedPathDown
    }
}
