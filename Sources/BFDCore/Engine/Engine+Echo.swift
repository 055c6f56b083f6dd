/// An Echo packet to send to the session's peer, addressed to ourselves (RFC 5881 §4).
public struct EchoTransmission: Sendable, BitwiseCopyable {
    /// The session that sends.
    public let session: SessionHandle
    /// What to encode.
    public let payload: EchoPayload

    @_noAllocation @_noLocks
    init(session: SessionHandle, payload: EchoPayload) {
        self.session = session
        self.payload = payload
    }
}

extension Engine {
    /// Sets what our Echo packets are known by; those on their way are lost.
    ///
    /// Until then it follows from the seed of the engine, which is no secret to those who see
    /// discriminators.
    public mutating func setEchoSecret(_ secret: EchoSecret) {
        echoSecret = secret
    }

    /// Takes one datagram received by the Echo port, UDP 3785 (RFC 5880 §6.8.8).
    ///
    /// An Echo packet of ours is credited to its session, once. Anything else can only be a looped
    /// Control packet of an unaffiliated Echo session; foreign payload is counted and ignored.
    @_noAllocation @_noLocks
    public mutating func receiveEcho(
        _ bytes: borrowing Span<UInt8>, _ arrival: Arrival, at now: Instant
    ) -> Reception {
        guard EchoPayload.isMarked(bytes) else {
            var looped = arrival
            looped.transport = .unaffiliatedEcho
            return receive(bytes, looped, at: now)
        }
        advance(to: now)
        // A peer that loops without forwarding leaves the hop limit as it is.
        guard let hopLimit = arrival.hopLimit, hopLimit >= 254 else {
            return discard(.ttlNot254)
        }
        guard let payload = EchoPayload(decoding: bytes, sealedBy: echoSecret) else {
            return discard(.authenticationMismatch)
        }
        guard let slot = demultiplexer.slot(discriminator: payload.localDiscriminator) else {
            return discard(.unknownYourDiscriminator)
        }
        guard sessions[slot].creditEcho(payload, receivedAt: arrival.receivedAt) else {
            return discard(.authenticationSequenceOutsideWindow, by: slot)
        }
        return .accepted(sessions.handle(of: slot))
    }

    /// Does what is due about the Echo packets of a session (RFC 5880 §6.8.5 and §6.8.9).
    @_noAllocation @_noLocks
    mutating func serveEcho(_ slot: Int, _ heardUntil: Instant) {
        if !(heardUntil < sessions[slot].echoDetectionDeadline) {
            announce(slot, sessions[slot].enter(.down, .echoFailed, .echoFunctionFailed, at: now))
            owePacket(slot)
            sessions[slot].updateSchedule(at: now, &random)
        }
        if !(now < sessions[slot].echo.nextTransmitDeadline) {
            sessions[slot].requestEcho(at: now, &random)
            outputs.appendSender(slot)
        }
    }

    /// Hands out the Echo packet that a session owes, if it does.
    @_noAllocation @_noLocks
    mutating func takeEcho(_ slot: Int) -> EchoTransmission? {
        guard sessions[slot].outbox.echo else { return nil }
        sessions[slot].outbox.echo = false
        return EchoTransmission(
            session: sessions.handle(of: slot),
            payload: sessions[slot].makeEcho(at: now, sealedBy: echoSecret))
    }
}
