/// A BFD engine: any number of sessions, no clock, no socket, no memory after the start.
///
/// Packets, operator actions and moments come in; what is to be done comes out of `poll()`:
///
///     receive(bytes, arrival, at:)  ┐
///     handleTimeout(at:)            ├→  poll() until nil  →  nextDeadline
///     disable, update, …            ┘
///
/// The moments must not run backwards. Confined to one thread by being noncopyable.
///
/// What a packet's way calls is `mutating` also where it changes nothing: such a call gets the
/// engine by address, where another one gets it copied onto the stack.
public struct Engine: ~Copyable {
    var sessions: SessionTable
    /// What each session waits for next; of one whose verdict waits, only what it is to send.
    var deadlines: DeadlineQueue
    /// The verdicts that are due, and wait until everything before them has been heard.
    var verdicts: DeadlineQueue
    var outputs: OutputQueue
    var demultiplexer: Demultiplexer
    var random: SplitMix64
    var authentications: AuthenticationTable
    /// Whether there has been an unaffiliated Echo session.
    var hasLoops = false
    /// What our Echo packets are known by.
    var echoSecret: EchoSecret
    /// Who may start sessions with us: nobody, unless told otherwise (RFC 9468 §2).
    var templates = TemplateTable()
    var subnets = SubnetTable([])
    /// The latest moment that came in.
    var now = Instant(nanoseconds: 0)
    /// The lowest minimum TTL of all sessions but multihop ones: below it no packet of theirs is
    /// looked at.
    var lowestMinimumTTL: UInt8 = 255
    /// Whether a session went that may have been the reason for it.
    var isGateStale = false
    /// The TTL or hop limit that no session over one hop accepts less of; 255 without a session.
    public var hopLimitFloor: UInt8 { lowestMinimumTTL }
    /// Valid packets received by all sessions.
    public internal(set) var receivedCount: UInt64 = 0
    /// How late periodic packets of all sessions left.
    public internal(set) var transmitLateness = LatenessHistogram()
    /// How long after the detection time silence was declared a failure, in all sessions.
    public internal(set) var detectionOvershoot = LatenessHistogram()
    /// What was dropped before a session had been selected; the rest is counted by the session.
    public internal(set) var discards = DiscardCounters()

    /// An engine with room for `capacity` sessions, whose random numbers follow from `seed`.
    public init(capacity: Int, seed: UInt64) {
        precondition(capacity > 0 && capacity <= 1 << 24)
        var random = SplitMix64(seed: seed)
        sessions = SessionTable(capacity: capacity)
        deadlines = DeadlineQueue(capacity: capacity)
        verdicts = DeadlineQueue(capacity: capacity)
        outputs = OutputQueue(sessionCapacity: capacity)
        demultiplexer = Demultiplexer(capacity: capacity, seed: random.next())
        authentications = AuthenticationTable(capacity: capacity)
        self.random = random
        var echo = SplitMix64(seed: SplitMix64.mix(~seed))
        echoSecret = EchoSecret(echo.next(), echo.next(), echo.next(), echo.next())
    }

    /// How many sessions there may be.
    public var capacity: Int { sessions.capacity }

    /// Whether what a command does could be told; else outputs have to be fetched first.
    public var hasRoomForNotices: Bool { outputs.hasRoomForNotices }

    /// How many sessions there are, those being removed included.
    public var sessionCount: Int { sessions.count }

    /// When `handleTimeout(at:)` is to be called at the latest; `nil` when nothing is waited for.
    public var nextDeadline: Instant? {
        @_noAllocation @_noLocks mutating get {
            if let first = verdicts.first { return verdicts.deadline(of: first) }
            guard let first = deadlines.first else { return nil }
            return deadlines.deadline(of: first)
        }
    }

    /// The state of a session; `nil` once it is gone.
    @_noAllocation @_noLocks
    public mutating func state(of handle: SessionHandle) -> SessionState? {
        guard let slot = sessions.slot(of: handle) else { return nil }
        return sessions[slot].state
    }

    /// Whether a session's packets are looped by a peer without BFD (RFC 9747).
    @_noAllocation @_noLocks
    public mutating func isUnaffiliatedEcho(_ handle: SessionHandle) -> Bool {
        guard let slot = sessions.slot(of: handle) else { return false }
        return sessions[slot].isUnaffiliatedEcho
    }

    /// A copy of a session's variables; `nil` once it is gone.
    public func session(_ handle: SessionHandle) -> Session? {
        guard let slot = sessions.slot(of: handle) else { return nil }
        return sessions[slot]
    }

    /// The session with a discriminator of ours; `nil` when there is none.
    public func session(ofDiscriminator discriminator: UInt32) -> SessionHandle? {
        guard let slot = demultiplexer.slot(discriminator: discriminator) else { return nil }
        return sessions.handle(of: slot)
    }

    /// A copy of the session in a slot, with its name; `nil` for a slot that is free.
    public func session(inSlot slot: Int) -> (handle: SessionHandle, session: Session)? {
        guard sessions.isInUse(slot) else { return nil }
        return (sessions.handle(of: slot), sessions[slot])
    }

    /// Moves on to the present; a clock that runs backwards is a bug of the caller.
    @_noAllocation @_noLocks
    mutating func advance(to moment: Instant) {
        precondition(moment.nanoseconds >= now.nanoseconds)
        now = moment
    }

    /// Puts a session's earliest deadline into the queue, if it moved there.
    ///
    /// A later detection deadline waits until the old one fires, so a received packet of a quiet
    /// session never touches the queue.
    @_noAllocation @_noLocks
    mutating func requeue(_ slot: Int) {
        let next = sessions[slot].nextDeadline
        let queued = deadlines.deadline(of: slot)
        if next < queued { deadlines.set(slot, to: next) }
    }

    /// Tells of a state change and of the packet that goes with it.
    @_noAllocation @_noLocks
    mutating func announce(_ slot: Int, _ transition: StateTransition) {
        let change = StateChange(
            sessions[slot], sessions.handle(of: slot), transition, at: now)
        outputs.append(.stateChanged(change))
    }

    /// Queues a packet of a session for `poll()`: periodic, or because something changed.
    @_noAllocation @_noLocks
    mutating func owePacket(_ slot: Int) {
        sessions[slot].crowd = Crowd(of: sessions.count)
        sessions[slot].requestTransmission(at: now, &random)
        if sessions[slot].outbox.isOwing { outputs.appendSender(slot) }
    }

    /// Queues an answer to a Poll.
    @_noAllocation @_noLocks
    mutating func oweFinal(_ slot: Int) {
        sessions[slot].outbox.final = true
        outputs.appendSender(slot)
    }
}
