extension Engine {
    /// Makes a session; an active one owes its first packet at once (RFC 5880 §6.1).
    ///
    /// A session on the same path that is only being removed makes room. Throws `outputFull` while
    /// as much is to be fetched from `poll()` as there is room for.
    public mutating func addSession(
        _ configuration: SessionConfiguration, at now: Instant
    ) throws(EngineError) -> SessionHandle {
        advance(to: now)
        try configuration.validate()
        guard outputs.hasRoomForNotices else { throw .outputFull }
        guard !isRemoteInUse(configuration.path) else { throw .remoteInUse }
        makeRoom(for: configuration.path)
        if let previous = slot(configuredFor: configuration.path) {
            guard sessions[previous].isBeingRemoved else { throw .pathInUse }
            release(previous)
        }
        let discriminator = freeDiscriminator(preferring: configuration.localDiscriminator)
        let session = Session(configuration, localDiscriminator: discriminator, at: now)
        guard let slot = sessions.insert(session) else { throw .full }
        demultiplexer.insert(discriminator: discriminator, slot: slot)
        demultiplexer.insert(path: configuration.path, slot: slot)
        if let minimum = configuration.gateTTL { lowestMinimumTTL = min(lowestMinimumTTL, minimum) }
        if sessions[slot].isUnaffiliatedEcho { hasLoops = true }
        sessions[slot].updateSchedule(at: now, &random)
        requeue(slot)
        return sessions.handle(of: slot)
    }

    /// Tells the peer of the removal and frees the session later; `poll()` says when.
    ///
    /// AdminDown goes out at once and then slowly for the peer's detection time, at least 3 s
    /// (RFC 5882 §8). A peer that cannot be told is not: the session is gone at once.
    public mutating func removeSession(
        _ handle: SessionHandle, at now: Instant
    ) throws(EngineError) {
        let slot = try slot(of: handle, at: now)
        guard !sessions[slot].isBeingRemoved else { return }
        let patience = sessions[slot].remoteDetectionTime
        let isUnheard = sessions[slot].isSilent || sessions[slot].isUnaffiliatedEcho
        if isUnheard || !sessions[slot].configuration.path.isReachable {
            release(slot)
            return
        }
        let linger = patience < .seconds(3) ? Nanoseconds.seconds(3) : patience
        sessions[slot].removalDeadline = now + linger
        disable(slot, .administrativelyDisabled, .administrativelyDown)
        requeue(slot)
    }

    /// Disables or enables a session (RFC 5880 §6.8.16).
    ///
    /// One whose path is down as well stays AdminDown for that. An unaffiliated Echo session knows
    /// no AdminDown: disabled, it is gone (RFC 9747 §2).
    public mutating func setAdministrativelyDown(
        _ isDown: Bool, _ handle: SessionHandle, at now: Instant
    ) throws(EngineError) {
        let slot = try slot(of: handle, at: now)
        guard !sessions[slot].isBeingRemoved else { throw .unknownSession }
        if sessions[slot].isUnaffiliatedEcho {
            if isDown { release(slot) }
            return
        }
        sessions[slot].configuration.isAdministrativelyDown = isDown
        if isDown {
            disable(slot, .administrativelyDisabled, .administrativelyDown)
        } else {
            enable(slot, .administrativelyEnabled)
        }
        requeue(slot)
    }

    /// Changes what may change while a session lives: intervals, multiplier, checks, role.
    ///
    /// Intervals follow RFC 5880 §6.8.3; the multiplier acts with the next packet (§6.8.12). The
    /// path and the discriminator stay: another path is another session.
    public mutating func update(
        _ handle: SessionHandle, to configuration: SessionConfiguration, at now: Instant
    ) throws(EngineError) {
        let slot = try slot(of: handle, at: now)
        try configuration.validate()
        let previous = sessions[slot].configuration
        guard configuration.path == previous.path else { throw .unknownSession }
        sessions[slot].configuration = configuration
        sessions[slot].configuration.isAdministrativelyDown = previous.isAdministrativelyDown
        sessions[slot].detectMultiplier = configuration.detectMultiplier
        sessions[slot].followCongestionSetting()
        sessions[slot].applyConfiguredIntervals()
        sessions[slot].pollForDemand()
        if previous.minimumTTL != configuration.minimumTTL { updateLowestMinimumTTL() }
        sessions[slot].updateSchedule(at: now, &random)
        pollOnceWhileQuiet(slot)
        requeue(slot)
    }

    /// Turns authentication of a session on, off, or to other rules and keys, at once.
    ///
    /// The peer has to change too, or the session fails (RFC 5880 §6.7.1). The numbers that we
    /// send go on, also after a pause without authentication, the first one being random (§6.8.1);
    /// those that we receive start anew. A number that a previous run has kept stands in for the
    /// random one: the first packet has the number after it.
    public mutating func setAuthentication(
        _ rules: SessionAuthentication?, _ handle: SessionHandle, goingOnAfter kept: UInt32? = nil,
        at now: Instant
    ) throws(EngineError) {
        let slot = try slot(of: handle, at: now)
        guard let rules else { return authentications.suspend(slot) }
        if authentications.resume(slot) {
            authentications[slot].replaceRules(rules)
        } else {
            let drawn = UInt32(truncatingIfNeeded: random.next() >> 32)
            authentications.insert(
                AuthenticatedSession(rules, transmitSequence: kept ?? drawn), at: slot)
        }
    }

    /// bfd.XmitAuthSeq, the last number sent; `nil` where packets have none.
    public func transmitSequence(of handle: SessionHandle) -> UInt32? {
        guard let slot = sessions.slot(of: handle), authentications.contains(slot),
            authentications[slot].rules.type.digestByteCount > 0
        else { return nil }
        return authentications[slot].transmitSequence
    }

    /// The type that a session authenticates with; `nil` for none.
    public func authenticationType(of handle: SessionHandle) -> AuthenticationType? {
        guard let slot = sessions.slot(of: handle), authentications.contains(slot) else {
            return nil
        }
        return authentications[slot].rules.type
    }

    /// Follows an interface that appeared, went, or came back with another index.
    ///
    /// `interfaceIndex` 0 means that it does not exist.
    public mutating func setInterfaceIndex(
        _ interfaceIndex: UInt32, _ handle: SessionHandle, at now: Instant
    ) throws(EngineError) {
        let slot = try slot(of: handle, at: now)
        var path = sessions[slot].configuration.path
        guard path.isBoundToInterface else { throw .notBound }
        guard path.interfaceIndex != interfaceIndex else { return }
        if sessions[slot].isUnsolicited {
            // It was the peer on that interface who started it.
            release(slot)
            return
        }
        let previous = path
        path.interfaceIndex = interfaceIndex
        if path.isReachable {
            guard self.slot(configuredFor: path) == nil else { throw .pathInUse }
        }
        demultiplexer.remove(path: previous)
        demultiplexer.insert(path: path, slot: slot)
        sessions[slot].configuration.path = path
        if sessions[slot].isBeingRemoved && !path.isReachable { release(slot) }
    }

    /// Counts a packet that the kernel refused to send.
    @_noAllocation @_noLocks
    public mutating func noteSendFailure(_ handle: SessionHandle) {
        guard let slot = sessions.slot(of: handle) else { return }
        sessions[slot].counters.sendFailed &+= 1
    }

    mutating func disable(
        _ slot: Int, _ cause: StateChangeCause, _ diagnostic: Diagnostic
    ) {
        if sessions[slot].state == .adminDown { return }
        announce(slot, sessions[slot].enter(.adminDown, cause, diagnostic, at: now))
        owePacket(slot)
        sessions[slot].updateSchedule(at: now, &random)
    }

    /// Leaves AdminDown when nothing asks for it any more.
    mutating func enable(_ slot: Int, _ cause: StateChangeCause) {
        guard sessions[slot].state == .adminDown else { return }
        if sessions[slot].isPathDown {
            sessions[slot].localDiagnostic = .pathDown
        } else if sessions[slot].configuration.isAdministrativelyDown {
            sessions[slot].localDiagnostic = .administrativelyDown
        } else {
            announce(slot, sessions[slot].enter(.down, cause, nil, at: now))
        }
        owePacket(slot)
    }

    mutating func slot(
        of handle: SessionHandle, at now: Instant
    ) throws(EngineError) -> Int {
        advance(to: now)
        guard let slot = sessions.slot(of: handle) else { throw .unknownSession }
        guard outputs.hasRoomForNotices else { throw .outputFull }
        return slot
    }

    /// The session that has a path, reachable or not.
    private func slot(configuredFor path: Path) -> Int? {
        if path.isReachable {
            guard let slot = demultiplexer.slot(path: path) else { return nil }
            return sessions[slot].configuration.path == path ? slot : nil
        }
        return nil
    }

    /// Has silence count anew from a moment on, in all sessions: packets that had arrived were lost
    /// before they could be read, so nobody can say who was silent.
    @_noAllocation @_noLocks
    public mutating func listenAnew(from moment: Instant) {
        for slot in 0..<sessions.capacity where sessions.isInUse(slot) {
            sessions[slot].listeningSince = moment
        }
    }

    /// A discriminator that is not zero and that no session has (RFC 5880 §6.3 and §6.8.1).
    @_noAllocation @_noLocks
    mutating func freeDiscriminator(preferring preferred: UInt32) -> UInt32 {
        if preferred != 0 && demultiplexer.slot(discriminator: preferred) == nil {
            return preferred
        }
        while true {
            let drawn = UInt32(truncatingIfNeeded: random.next() >> 32)
            if drawn != 0 && demultiplexer.slot(discriminator: drawn) == nil { return drawn }
        }
    }

    /// Finds the gate's TTL again after a session changed or went.
    @_noAllocation @_noLocks
    mutating func updateLowestMinimumTTL() {
        isGateStale = false
        lowestMinimumTTL = 255
        for slot in 0..<sessions.capacity where sessions.isInUse(slot) {
            guard let minimum = sessions[slot].configuration.gateTTL else { continue }
            if minimum < lowestMinimumTTL { lowestMinimumTTL = minimum }
        }
    }
}

extension SessionConfiguration {
    /// What the session asks of the gate before parsing; `nil` over several hops, where TTL proves
    /// nothing that has to come first, and for looped packets, which have a gate of their own.
    var gateTTL: UInt8? {
        @_noAllocation @_noLocks get {
            switch path.transport {
            case .singleHop, .microBFD: minimumTTL
            case .multihop, .unaffiliatedEcho: nil
            }
        }
    }
}
