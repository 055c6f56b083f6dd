/// How long a session lives that a peer has started (RFC 9468 §2).
///
///     made ──→ coming up ──→ Up ──→ went down ──→ gone
///                  └── not in time ────→ given up ──┘
///
/// Whatever is not Up any more is silent; for three detection times an operator can still see it,
/// and a peer that went down may come back.
struct UnsolicitedLife: Sendable, BitwiseCopyable {
    /// The number of the template it was made from; -1 for a session that was configured.
    var template: Int32 = -1
    /// When the peer has had time enough to come up, or the operator to look.
    var deadline: Instant = .distantFuture
    /// Whether nothing may be sent, not even an answer.
    var isSilent = false

    @_noAllocation @_noLocks
    init() {}
}

extension Session {
    /// Whether the peer has started it, unasked (RFC 9468).
    public var isUnsolicited: Bool {
        @_noAllocation @_noLocks get { life.template >= 0 }
    }

    /// The number of the template that a peer's session was made from; `nil` for other sessions.
    public var templateNumber: Int? { isUnsolicited ? Int(life.template) : nil }

    /// Starts the life of a session that a peer has asked for.
    @_noAllocation @_noLocks
    mutating func beginLife(template: Int, _ packet: ControlPacket, at now: Instant) {
        life.template = Int32(truncatingIfNeeded: template)
        remoteDetectMultiplier = packet.detectMultiplier
        remoteDesiredMinTxInterval = packet.desiredMinTxInterval
        life.deadline = now + patience
    }

    /// Follows a change of state.
    @_noAllocation @_noLocks
    mutating func followLife(to new: SessionState, at now: Instant) {
        switch new {
        case .up, .adminDown:
            life.deadline = .distantFuture
            life.isSilent = false
        case .initializing:
            life.deadline = now + patience
            life.isSilent = false
        case .down:
            life.deadline = now + remembrance
            life.isSilent = true
        }
    }

    /// The peer did not come up in time: it is not listened to until the session is gone.
    @_noAllocation @_noLocks
    mutating func giveUp(at now: Instant) -> StateTransition? {
        isHeldDown = true
        life.deadline = now + remembrance
        life.isSilent = true
        return state == .initializing ? enter(.down, .notUpInTime, nil, at: now) : nil
    }

    /// How long a peer may take to come up: ten seconds, and never less than a detection time.
    private var patience: Nanoseconds {
        let span = detectionTime ?? .seconds(10)
        return span < .seconds(10) ? .seconds(10) : span
    }

    /// How long a session can be looked at that is not Up any more: three detection times, and at
    /// most a quarter of an hour, whatever the peer asked for last.
    private var remembrance: Nanoseconds {
        let span = (detectionTime ?? .seconds(3)) * 3
        return span < .seconds(900) ? span : .seconds(900)
    }
}
