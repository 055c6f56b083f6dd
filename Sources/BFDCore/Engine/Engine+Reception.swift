extension Engine {
    /// Takes one received datagram, drops and counts it or gives it to its session.
    ///
    /// RFC 5880 §6.8.6 in its order, after the TTL gate of RFC 5881 §5, which packets over several
    /// hops meet after the session has been selected; the first rule that hits decides. `now` is
    /// the present, `arrival.receivedAt` the kernel's receive time.
    @_noAllocation @_noLocks
    public mutating func receive(
        _ bytes: borrowing Span<UInt8>, _ arrival: Arrival, at now: Instant
    ) -> Reception {
        advance(to: now)
        if let reason = refusalByHopLimit(arrival) { return discard(reason) }
        let hopLimit = arrival.hopLimit ?? 0
        let packet: ControlPacket
        do throws(DiscardReason) {
            packet = try ControlPacket(decoding: bytes)
        } catch {
            return discard(error)
        }
        let slot: Int
        do throws(DiscardReason) {
            if let found = try select(packet, arrival) {
                slot = found
            } else {
                let number = try template(askedForBy: packet, arrival, hopLimit)
                if let rules = templates.authentication(of: number) {
                    return try challenge(number, rules, packet, bytes, arrival)
                }
                slot = try makeSession(number, packet, arrival)
            }
        } catch {
            return discard(error)
        }
        if let reason = refusal(slot, packet, arrival) {
            return discard(reason, by: slot)
        }
        if authentications.contains(slot) {
            return challenge(slot, packet, bytes, arrival)
        }
        if packet.authenticationPresent { return discard(.authenticationUnexpected, by: slot) }
        return accept(packet, arrival.interfaceIndex, arrival.receivedAt, by: slot)
    }

    /// Goes on with a packet whose password or digest the caller has compared.
    ///
    /// To be called right after `receive` with the same moment; the packet's octets must not have
    /// changed.
    @_noAllocation @_noLocks
    public mutating func finish(
        _ challenge: AuthenticationChallenge, digestMatches: Bool, at now: Instant
    ) -> Reception {
        advance(to: now)
        if let number = challenge.template {
            guard digestMatches else { return discard(.authenticationMismatch) }
            return finish(challenge, byMakingASessionOf: number)
        }
        guard let slot = sessions.slot(of: challenge.session), authentications.contains(slot)
        else { return discard(.noSession) }
        guard digestMatches else { return discard(.authenticationMismatch, by: slot) }
        authentications[slot].noteAuthentic(challenge.header)
        return accept(
            challenge.packet, challenge.arrival.interfaceIndex, challenge.arrival.receivedAt,
            by: slot)
    }

    /// What is left to compare for a packet of an authenticated session (RFC 5880 §6.7).
    private mutating func challenge(
        _ slot: Int, _ packet: ControlPacket, _ bytes: borrowing Span<UInt8>, _ arrival: Arrival
    ) -> Reception {
        guard packet.authenticationPresent else { return discard(.authenticationMissing, by: slot) }
        do throws(DiscardReason) {
            let header = try authentications[slot].examine(
                packet, bytes,
                isForgotten: sessions[slot].hasBeenSilentTwice(at: arrival.receivedAt), at: now)
            return .needsDigest(
                AuthenticationChallenge(
                    session: sessions.handle(of: slot), template: nil, header: header,
                    packet: packet, arrival: arrival))
        } catch {
            return discard(error, by: slot)
        }
    }

    /// The last checks, which are ours and not the RFC's, and then the session.
    @_noAllocation @_noLocks
    mutating func accept(
        _ packet: ControlPacket, _ interfaceIndex: UInt32, _ receivedAt: Instant, by slot: Int
    ) -> Reception {
        if packet.poll && packet.final { return discard(.pollAndFinal, by: slot) }
        guard outputs.hasRoomForNotices else { return discard(.outputFull, by: slot) }
        if sessions[slot].configuration.path.isElsewhere(interfaceIndex) {
            sessions[slot].counters.foreignInterface &+= 1
        }
        return deliver(packet, receivedAt: receivedAt, to: slot)
    }

    /// The session of a packet (RFC 5880 §6.3 and §6.8.6); `nil` when a peer nobody knows speaks
    /// first.
    private mutating func select(
        _ packet: ControlPacket, _ arrival: Arrival
    ) throws(DiscardReason) -> Int? {
        if packet.yourDiscriminator != 0 {
            if let slot = demultiplexer.slot(discriminator: packet.yourDiscriminator),
                sessions[slot].configuration.path.transport == arrival.transport
            {
                return slot
            }
            guard let slot = slot(forgottenBy: packet, arrival) else {
                throw .unknownYourDiscriminator
            }
            return slot
        }
        switch packet.state {
        case .initializing, .up: throw .yourDiscriminatorZeroBadState
        case .down, .adminDown: break
        }
        if arrival.transport == .unaffiliatedEcho {
            guard let slot = slot(looping: packet, arrival) else { throw .noSession }
            return slot
        }
        return slot(reachedBy: arrival)
    }

    /// The session whose peer holds on to a discriminator of a previous run of ours.
    ///
    /// Deviates: see `SessionConfiguration.acceptsStaleDiscriminator`.
    private mutating func slot(forgottenBy packet: ControlPacket, _ arrival: Arrival) -> Int? {
        guard packet.state == .down, let slot = slot(reachedBy: arrival) else { return nil }
        return sessions[slot].configuration.acceptsStaleDiscriminator ? slot : nil
    }

    /// The session whose path a packet came by, the most specific one first.
    private mutating func slot(reachedBy arrival: Arrival) -> Int? {
        var path = Path(
            destination: arrival.source, source: arrival.destination, isBoundToInterface: true,
            interfaceIndex: arrival.interfaceIndex, transport: arrival.transport)
        if let slot = slot(on: path) { return slot }
        path.source = .unspecified(isIPv6: arrival.source.isIPv6)
        if let slot = slot(on: path) { return slot }
        path.isBoundToInterface = false
        path.interfaceIndex = 0
        path.source = arrival.destination
        if let slot = slot(on: path) { return slot }
        path.source = .unspecified(isIPv6: arrival.source.isIPv6)
        return slot(on: path)
    }

    private mutating func slot(on path: Path) -> Int? {
        guard let slot = demultiplexer.slot(path: path) else { return nil }
        return sessions[slot].configuration.path == path ? slot : nil
    }

    /// Why a selected session does not want the packet.
    private mutating func refusal(
        _ slot: Int, _ packet: ControlPacket, _ arrival: Arrival
    ) -> DiscardReason? {
        let configuration = sessions[slot].configuration
        if sessions[slot].isUnaffiliatedEcho { return refusalOfLoop(slot, arrival) }
        if (arrival.hopLimit ?? 0) < configuration.minimumTTL {
            let isGTSM = configuration.gateTTL == 255
            return isGTSM ? .ttlNot255 : .ttlBelowMinimum
        }
        if sessions[slot].isWaitingToStart { return .noSession }
        if configuration.strictSource && !(arrival.source == configuration.path.destination) {
            return .sourceMismatch
        }
        if configuration.path.transport == .microBFD
            && arrival.interfaceIndex != configuration.path.interfaceIndex
        {
            return .wrongInterface
        }
        return nil
    }

    private mutating func deliver(
        _ packet: ControlPacket, receivedAt: Instant, to slot: Int
    ) -> Reception {
        let effect = sessions[slot].receive(packet, receivedAt: receivedAt, at: now)
        receivedCount &+= 1
        var hasAnswered = false
        if effect.wantsFinal && !sessions[slot].life.isSilent {
            let interval = sessions[slot].desiredMinTxInterval
            hasAnswered = sessions[slot].finals.admit(at: now, interval: interval)
            if hasAnswered {
                oweFinal(slot)
            } else {
                sessions[slot].counters.finalsWithheld &+= 1
            }
        }
        if let change = effect.change {
            announce(slot, change)
            if hasAnswered {
                // The answer tells of the new state already.
                sessions[slot].restartSchedule(at: now, &random)
            } else {
                owePacketOfChange(slot)
            }
        }
        sessions[slot].pollForDemand()
        sessions[slot].updateSchedule(at: now, &random)
        pollOnceWhileQuiet(slot)
        requeue(slot)
        if effect.isLocallyAdminDown {
            sessions[slot].counters.discards.add(.localAdminDown)
            return .discarded(.localAdminDown)
        }
        return .accepted(sessions.handle(of: slot))
    }

    /// Sends the one packet of a Poll Sequence to a peer that asked for silence.
    @_noAllocation @_noLocks
    mutating func pollOnceWhileQuiet(_ slot: Int) {
        guard sessions[slot].isPollRequested else { return }
        if !sessions[slot].transmitsPeriodically { owePacket(slot) }
    }

    @_noAllocation @_noLocks
    mutating func discard(_ reason: DiscardReason) -> Reception {
        discards.add(reason)
        return .discarded(reason)
    }

    @_noAllocation @_noLocks
    mutating func discard(_ reason: DiscardReason, by slot: Int) -> Reception {
        sessions[slot].counters.receivedInvalid &+= 1
        sessions[slot].counters.discards.add(reason)
        return .discarded(reason)
    }
}
