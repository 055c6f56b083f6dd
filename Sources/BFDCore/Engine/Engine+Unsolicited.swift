extension Engine {
    /// Lets peers start sessions with us (RFC 9468 §2); returns the number of the template.
    ///
    /// Throws `full` beyond 512 templates, those included that are gone and still have sessions.
    @discardableResult
    public mutating func addTemplate(_ template: UnsolicitedTemplate) throws(EngineError) -> Int {
        try template.validate()
        guard let number = templates.add(template) else { throw .full }
        return number
    }

    /// Changes what the sessions of a template are like; those that it has follow as configured
    /// ones do, without a flap.
    public mutating func updateTemplate(
        _ number: Int, to template: UnsolicitedTemplate, at now: Instant
    ) throws(EngineError) {
        advance(to: now)
        try template.validate()
        templates.replace(number, with: template)
        for slot in 0..<sessions.capacity where isSession(slot, ofTemplate: number) {
            var configuration = sessions[slot].configuration
            configuration.desiredMinTxInterval = template.desiredMinTxInterval
            configuration.requiredMinRxInterval = template.requiredMinRxInterval
            configuration.detectMultiplier = template.detectMultiplier
            try update(sessions.handle(of: slot), to: configuration, at: now)
        }
    }

    /// Lets nobody start a session by a template any more; its number may be given to another one
    /// once its last session has been removed.
    public mutating func removeTemplate(_ number: Int) {
        templates.retire(number)
    }

    private func isSession(_ slot: Int, ofTemplate number: Int) -> Bool {
        sessions.isInUse(slot) && sessions[slot].templateNumber == number
    }

    /// Follows the interface of a template; 0 means that it does not exist.
    public mutating func setInterfaceIndex(_ interfaceIndex: UInt32, ofTemplate number: Int) {
        templates.setInterfaceIndex(interfaceIndex, of: number)
    }

    /// Tells which subnets the interfaces have addresses in, all of them.
    public mutating func setSubnets(_ subnets: [InterfaceSubnet]) {
        self.subnets = SubnetTable(subnets)
    }

    /// Has the sessions of a template to come authenticate: without the right digest nobody gets
    /// one.
    public mutating func setAuthentication(
        _ rules: SessionAuthentication?, ofTemplate number: Int
    ) {
        templates.setAuthentication(rules, of: number)
    }

    /// The number of the template for the session that a first packet asks for.
    ///
    /// Whoever may not have one hears nothing.
    @_noAllocation @_noLocks
    func template(
        askedForBy packet: ControlPacket, _ arrival: Arrival, _ hopLimit: UInt8
    ) throws(DiscardReason) -> Int {
        guard arrival.transport == .singleHop, let number = templates.index(for: arrival) else {
            throw .noSession
        }
        guard hopLimit == 255 else { throw .ttlNot255 }
        guard subnets.admits(arrival.source, by: arrival.interfaceIndex) else {
            throw .sourceNotInSubnet
        }
        let hasRules = templates.authentication(of: number) != nil
        if hasRules && !packet.authenticationPresent { throw .authenticationMissing }
        if !hasRules && packet.authenticationPresent { throw .authenticationUnexpected }
        if packet.poll && packet.final { throw .pollAndFinal }
        return number
    }

    /// What is left to compare for a packet that asks for a session with authentication.
    @_noAllocation @_noLocks
    func challenge(
        _ number: Int, _ rules: SessionAuthentication, _ packet: ControlPacket,
        _ bytes: borrowing Span<UInt8>, _ arrival: Arrival
    ) throws(DiscardReason) -> Reception {
        let header = try AuthenticatedSession(rules, transmitSequence: 0).examine(
            packet, bytes, isForgotten: true, at: now)
        return .needsDigest(
            AuthenticationChallenge(
                session: SessionHandle(index: -1, generation: 0), template: number,
                header: header, packet: packet, arrival: arrival))
    }

    /// Makes the session of a peer that has proved who it is, and gives it the packet.
    @_noAllocation @_noLocks
    mutating func finish(
        _ challenge: AuthenticationChallenge, byMakingASessionOf number: Int
    ) -> Reception {
        let arrival = challenge.arrival
        guard let rules = templates.authentication(of: number) else { return discard(.noSession) }
        let slot: Int
        do throws(DiscardReason) {
            slot = try makeSession(number, challenge.packet, arrival)
        } catch {
            return discard(error)
        }
        let first = UInt32(truncatingIfNeeded: random.next() >> 32)
        authentications.insert(AuthenticatedSession(rules, transmitSequence: first), at: slot)
        authentications[slot].noteAuthentic(challenge.header)
        return accept(challenge.packet, arrival.interfaceIndex, arrival.receivedAt, by: slot)
    }

    /// Makes the session that a first packet asks for, passive and on the interface it came by.
    ///
    /// Deviates: RFC 9468 §2 sets no limit to the detection time that is asked for; a forged one of
    /// days would fill the table for days.
    @_noAllocation @_noLocks
    mutating func makeSession(
        _ number: Int, _ packet: ControlPacket, _ arrival: Arrival
    ) throws(DiscardReason) -> Int {
        guard outputs.hasRoomForNotices else { throw .outputFull }
        let asked = packet.desiredMinTxInterval.nanoseconds * Int64(packet.detectMultiplier)
        let configuration = SessionConfiguration(templates[number], arrival)
        // Two paths may have one key, by chance or by design; the second is refused.
        guard !(Nanoseconds.seconds(300) < asked), sessions.count < sessions.capacity,
            demultiplexer.slot(path: configuration.path) == nil,
            templates.admit(number, at: now)
        else { throw .noSession }
        let discriminator = freeDiscriminator(preferring: 0)
        var session = Session(configuration, localDiscriminator: discriminator, at: now)
        session.beginLife(template: number, packet, at: now)
        guard let slot = sessions.insert(session) else { throw .noSession }
        demultiplexer.insert(discriminator: discriminator, slot: slot)
        demultiplexer.insert(path: configuration.path, slot: slot)
        outputs.append(.created(sessions.handle(of: slot)))
        return slot
    }

    /// Lets a configured session have what a peer has started on the same path or to the same
    /// address.
    mutating func makeRoom(for path: Path) {
        guard path.transport == .singleHop, templates.count > 0 else { return }
        for slot in 0..<sessions.capacity where sessions.isInUse(slot) {
            guard sessions[slot].isUnsolicited else { continue }
            let other = sessions[slot].configuration.path
            if other.destination == path.destination || other.key == path.key { release(slot) }
        }
    }

    /// Serves the deadline of a session that a peer has started; `false` when it is gone.
    @_noAllocation @_noLocks
    mutating func serveLife(_ slot: Int) -> Bool {
        if sessions[slot].life.isSilent {
            release(slot)
            return false
        }
        if let transition = sessions[slot].giveUp(at: now) { announce(slot, transition) }
        sessions[slot].updateSchedule(at: now, &random)
        return true
    }
}

extension SessionConfiguration {
    /// The session of a template with whoever sent a packet.
    @_noAllocation @_noLocks
    init(_ template: UnsolicitedTemplate, _ arrival: Arrival) {
        self.init(
            path: Path(
                destination: arrival.source, source: arrival.destination,
                isBoundToInterface: true, interfaceIndex: arrival.interfaceIndex),
            role: .passive, desiredMinTxInterval: template.desiredMinTxInterval,
            requiredMinRxInterval: template.requiredMinRxInterval,
            detectMultiplier: template.detectMultiplier, minimumTTL: 255, strictSource: false,
            controlPlaneIndependent: false, isAdministrativelyDown: false, localDiscriminator: 0)
    }
}

extension UnsolicitedTemplate {
    /// Throws the first value that no session can have.
    fileprivate func validate() throws(EngineError) {
        guard desiredMinTxInterval.count > 0 else { throw .desiredMinTxIntervalZero }
        guard requiredMinRxInterval.count > 0 else { throw .requiredMinRxIntervalZero }
        guard detectMultiplier > 0 else { throw .detectMultiplierZero }
    }
}
