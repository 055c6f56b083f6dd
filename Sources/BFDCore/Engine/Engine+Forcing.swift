extension Engine {
    /// Takes a session Down, with a diagnostic of the caller's choice, and keeps it there until
    /// `setHeldDown(false)`; one that is AdminDown stays that.
    public mutating func forceDown(
        _ diagnostic: Diagnostic, _ handle: SessionHandle, at now: Instant
    ) throws(EngineError) {
        try setHeldDown(true, handle, at: now)
        let slot = try slot(of: handle, at: now)
        switch sessions[slot].state {
        case .adminDown: return
        case .down: sessions[slot].localDiagnostic = diagnostic
        case .initializing, .up:
            announce(slot, sessions[slot].enter(.down, .pathDown, diagnostic, at: now))
        }
        owePacket(slot)
        sessions[slot].updateSchedule(at: now, &random)
        requeue(slot)
    }
}
