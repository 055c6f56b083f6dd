extension Engine {
    /// Does what is due: packets, detection, removals; whether nothing is left to do at `now`.
    ///
    /// `heardUntil` is a moment up to which everything that arrived has been received; it may be
    /// the distant past, for sending only. Nothing is judged that is due after it, so a peer that
    /// spoke in time is never declared down: `false` asks for another call, once everything up to
    /// `now` has been heard. `now` is the present, and what new intervals count from.
    ///
    /// Fetch the outputs and look at `nextDeadline` again afterwards: when the outputs are full,
    /// the rest waits for the next call.
    @_noAllocation @_noLocks
    public mutating func handleTimeout(at now: Instant, heardUntil: Instant) -> Bool {
        advance(to: now)
        precondition(heardUntil.nanoseconds <= now.nanoseconds)
        recallVerdicts(heardUntil)
        while let slot = deadlines.first, outputs.hasRoomForNotices {
            if now < deadlines.deadline(of: slot) { break }
            let verdict = sessions[slot].nextVerdict
            let isUnheard = heardUntil < verdict && !(now < verdict)
            guard serve(slot, heardUntil) else { continue }
            if isUnheard { verdicts.set(slot, to: verdict) }
            deadlines.set(
                slot, to: isUnheard ? sessions[slot].nextSending : sessions[slot].nextDeadline)
        }
        if isGateStale { updateLowestMinimumTTL() }
        return verdicts.count == 0
    }

    /// Takes up the verdicts that waited for what has been heard now.
    private mutating func recallVerdicts(_ heardUntil: Instant) {
        while let slot = verdicts.first, !(heardUntil < verdicts.deadline(of: slot)) {
            verdicts.set(slot, to: .distantFuture)
            deadlines.set(slot, to: sessions[slot].nextDeadline)
        }
    }

    /// Does what is due at `now`, everything that arrived before having been received.
    @_noAllocation @_noLocks
    public mutating func handleTimeout(at now: Instant) {
        _ = handleTimeout(at: now, heardUntil: now)
    }

    /// Serves one session whose queued deadline has passed; `false` when it is gone.
    private mutating func serve(_ slot: Int, _ heardUntil: Instant) -> Bool {
        if !(heardUntil < sessions[slot].removalDeadline) {
            release(slot)
            return false
        }
        if !(heardUntil < sessions[slot].life.deadline) {
            return serveLife(slot)
        }
        if !(heardUntil < sessions[slot].startDeadline) {
            sessions[slot].startDeadline = .distantFuture
            sessions[slot].updateSchedule(at: now, &random)
        }
        if !(heardUntil < sessions[slot].detectionDeadline) {
            noteOvershoot(slot)
            if let transition = sessions[slot].expire(at: now) {
                announce(slot, transition)
                owePacketOfChange(slot)
            }
            sessions[slot].updateSchedule(at: now, &random)
        }
        if !(heardUntil < sessions[slot].settlingDeadline) {
            sessions[slot].settle()
            sessions[slot].updateSchedule(at: now, &random)
            pollOnceWhileQuiet(slot)
        }
        if !(heardUntil < sessions[slot].congestionDeadline) {
            sessions[slot].easeCongestion(at: now)
            sessions[slot].updateSchedule(at: now, &random)
            pollOnceWhileQuiet(slot)
        }
        serveEcho(slot, heardUntil)
        if !(now < sessions[slot].nextTransmitDeadline) {
            let lateness = now - sessions[slot].nextTransmitDeadline
            transmitLateness.note(lateness)
            sessions[slot].counters.transmitLateness.note(lateness)
            sessions[slot].noteLateness(lateness, at: now)
            sessions[slot].noteOwnLateness(lateness, at: now)
            owePacket(slot)
        }
        return true
    }

    /// How late a verdict is that takes a session out of Up.
    private mutating func noteOvershoot(_ slot: Int) {
        guard sessions[slot].state == .up else { return }
        let overshoot = now - sessions[slot].detectionDeadline
        detectionOvershoot.note(overshoot)
        sessions[slot].counters.detectionOvershoot.note(overshoot)
    }

    /// The next thing to do, or `nil` when all is said.
    @_noAllocation @_noLocks
    public mutating func poll() -> Output? {
        if let notice = outputs.popNotice() {
            switch notice {
            case .stateChanged(let change): return .stateChanged(change)
            case .removed(let handle): return .removed(handle)
            case .created(let handle): return .created(handle)
            }
        }
        while let slot = outputs.firstSender {
            guard sessions.isInUse(slot), sessions[slot].outbox.isOwing else {
                outputs.removeFirstSender()
                continue
            }
            let isFinal = sessions[slot].outbox.final
            if !isFinal, let echo = takeEcho(slot) {
                if !sessions[slot].outbox.isOwing { outputs.removeFirstSender() }
                return .transmitEcho(echo)
            }
            if isFinal {
                sessions[slot].outbox.final = false
            } else {
                sessions[slot].outbox.periodic = false
            }
            if !sessions[slot].outbox.isOwing { outputs.removeFirstSender() }
            if !isFinal {
                sessions[slot].notePeriodicPacket(at: now)
                // The first packet with P may be what a deadline counts from.
                requeue(slot)
            }
            if let transmission = makeTransmission(slot, final: isFinal) {
                return .transmit(transmission)
            }
        }
        return nil
    }

    /// The packet of a session as it is now; `nil`, and counted, when no key may be sent.
    private mutating func makeTransmission(_ slot: Int, final: Bool) -> Transmission? {
        let handle = sessions.handle(of: slot)
        let wasRequested = sessions[slot].isPollRequested
        var packet = sessions[slot].makePacket(final: final)
        guard authentications.contains(slot) else {
            sessions[slot].counters.sent &+= 1
            return Transmission(
                session: handle, packet: packet, authentication: nil,
                payloadByteCount: sessions[slot].configuration.payloadByteCount(of: packet))
        }
        guard let header = authentications[slot].seal(&packet, at: now) else {
            sessions[slot].counters.sendFailed &+= 1
            // No P is on the wire yet.
            if wasRequested { sessions[slot].pollSequence = .requested }
            return nil
        }
        sessions[slot].counters.sent &+= 1
        return Transmission(
            session: handle, packet: packet, authentication: header,
            payloadByteCount: sessions[slot].configuration.payloadByteCount(of: packet))
    }

    /// Frees a slot and tells of it.
    @_noAllocation @_noLocks
    mutating func release(_ slot: Int) {
        let session = sessions[slot]
        demultiplexer.remove(discriminator: session.localDiscriminator)
        demultiplexer.remove(path: session.configuration.path)
        deadlines.set(slot, to: .distantFuture)
        verdicts.set(slot, to: .distantFuture)
        authentications.forget(slot)
        if session.isUnsolicited { templates.release(Int(session.life.template)) }
        outputs.append(.removed(sessions.handle(of: slot)))
        sessions.remove(slot)
        if session.configuration.minimumTTL == lowestMinimumTTL && lowestMinimumTTL < 255 {
            isGateStale = true
        }
    }
}
