/// What another process needs to go on with a session as if nothing had happened.
///
/// Moments in it are of the monotonic clock, which all processes of a machine share.
public struct SessionHandover: Sendable {
    /// The session's variables, all of them.
    public var session: Session
    /// How far the numbers of its packets have come; `nil` without authentication.
    public var authentication: AuthenticationNumbers?

    /// A handover by its parts.
    public init(session: Session, authentication: AuthenticationNumbers?) {
        self.session = session
        self.authentication = authentication
    }
}

/// How far the sequence numbers of an authenticated session have come (RFC 5880 §6.8.1).
public struct AuthenticationNumbers: Sendable, Hashable, BitwiseCopyable {
    /// bfd.XmitAuthSeq.
    public var transmitSequence: UInt32
    /// bfd.RcvAuthSeq; `nil` while bfd.AuthSeqKnown is 0.
    public var receiveSequence: UInt32?

    /// Numbers by their values.
    @_noAllocation @_noLocks
    public init(transmitSequence: UInt32, receiveSequence: UInt32?) {
        self.transmitSequence = transmitSequence
        self.receiveSequence = receiveSequence
    }
}

/// What an engine has counted over all sessions that there have been.
public struct EngineTotals: Sendable, BitwiseCopyable {
    var receivedCount: UInt64
    var transmitLateness: LatenessHistogram
    var detectionOvershoot: LatenessHistogram
    var discards: DiscardCounters
    var echoSecret: EchoSecret
}

extension Session {
    /// Follows an interface that has another number in the process that takes over.
    public mutating func move(to path: Path) {
        configuration.path = path
    }
}

extension StateChange {
    /// What is told, in the process that takes over, of a session that has a state already.
    public init(takenOver session: Session, _ handle: SessionHandle, at now: Instant) {
        let transition = StateTransition(from: .down, to: session.state, cause: .takenOver)
        self.init(session, handle, transition, at: now)
    }
}

extension Engine {
    /// Everything about a session; `nil` once it is gone, and while it only lingers to tell its
    /// peer of its removal.
    ///
    /// The outputs must have been fetched: a packet that is owed is not handed over.
    public func handover(of handle: SessionHandle) -> SessionHandover? {
        guard let slot = sessions.slot(of: handle), !sessions[slot].isBeingRemoved else {
            return nil
        }
        let numbers = authentications.contains(slot) ? authentications[slot].numbers : nil
        return SessionHandover(session: sessions[slot], authentication: numbers)
    }

    /// Goes on with a session of another process; nothing is sent or told for it.
    ///
    /// The session has the variables it had, its discriminator and deadlines among them, on the
    /// path of its configuration. Authentication is set afterwards, then its numbers.
    public mutating func takeOver(
        _ handover: SessionHandover, at now: Instant
    ) throws(EngineError) -> SessionHandle {
        advance(to: now)
        var session = handover.session
        let path = session.configuration.path
        try session.configuration.validate()
        guard !isRemoteInUse(path) else { throw .remoteInUse }
        guard session.localDiscriminator != 0,
            demultiplexer.slot(discriminator: session.localDiscriminator) == nil,
            !path.isReachable || demultiplexer.slot(path: path) == nil
        else { throw .pathInUse }
        if session.isUnsolicited {
            guard outputs.hasRoomForNotices else { throw .outputFull }
            guard templates.readmit(Int(session.life.template)) else { throw .full }
        }
        session.outbox = Outbox()
        guard let slot = sessions.insert(session) else {
            if session.isUnsolicited { templates.release(Int(session.life.template)) }
            throw .full
        }
        demultiplexer.insert(discriminator: session.localDiscriminator, slot: slot)
        demultiplexer.insert(path: path, slot: slot)
        if let minimum = session.configuration.gateTTL {
            lowestMinimumTTL = min(lowestMinimumTTL, minimum)
        }
        if session.isUnaffiliatedEcho { hasLoops = true }
        deadlines.set(slot, to: sessions[slot].nextDeadline)
        if session.isUnsolicited { outputs.append(.created(sessions.handle(of: slot))) }
        return sessions.handle(of: slot)
    }

    /// Has the numbers of an authenticated session go on from where they had come to.
    public mutating func setAuthenticationNumbers(
        _ numbers: AuthenticationNumbers, _ handle: SessionHandle
    ) {
        guard let slot = sessions.slot(of: handle), authentications.contains(slot) else { return }
        authentications[slot].goOn(from: numbers)
    }

    /// What was counted, for a successor.
    public var totals: EngineTotals {
        EngineTotals(
            receivedCount: receivedCount, transmitLateness: transmitLateness,
            detectionOvershoot: detectionOvershoot, discards: discards, echoSecret: echoSecret)
    }

    /// Counts on from a predecessor, and knows its Echo packets.
    public mutating func goOn(from totals: EngineTotals) {
        receivedCount += totals.receivedCount
        transmitLateness.add(totals.transmitLateness)
        detectionOvershoot.add(totals.detectionOvershoot)
        discards.add(totals.discards)
        echoSecret = totals.echoSecret
    }
}
