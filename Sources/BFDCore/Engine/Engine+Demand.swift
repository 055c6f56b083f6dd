extension Engine {
    /// Asks a peer whether it is there, by a Poll Sequence (RFC 5880 §6.6).
    ///
    /// In Demand mode this is what detection comes from: without an answer the session is Down a
    /// detection time after the first packet. An unfinished Poll Sequence serves as well.
    public mutating func verify(
        _ handle: SessionHandle, at now: Instant
    ) throws(EngineError) {
        let slot = try slot(of: handle, at: now)
        sessions[slot].verify()
        sessions[slot].updateSchedule(at: now, &random)
        pollOnceWhileQuiet(slot)
        requeue(slot)
    }
}
