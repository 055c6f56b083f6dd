// Demand mode of our own (RFC 5880 §6.6). The D bit asks the peer to stop its periodic packets, so
// silence means nothing any more, and a Poll Sequence is what asks whether the peer is there:
//
//     D sent with P ──▶ F ──▶ silence, for as long as nothing changes
//                │              │ verify, or other content than the peer was told
//                ▼              ▼
//        no F for a detection time after the first P: Down
//
// From the first packet with D on, the peer may be silent; that ends with the answer to a Poll that
// went out without D.

extension Session {
    /// Whether we want the peer to be silent: configured so, and both ends are Up.
    var wantsDemand: Bool {
        @_noAllocation @_noLocks get {
            configuration.demandMode && state == .up && remoteState == .up
        }
    }

    /// Whether either end asked the other for silence.
    private var isDemandInUse: Bool {
        guard state == .up && remoteState == .up else { return false }
        return isDemandSignalled || remoteDemandMode
    }

    /// How long a Poll may go unanswered in Demand mode (RFC 5880 §6.8.4).
    ///
    /// Our own multiplier and transmit interval count: the peer answers at the pace we ask.
    public var demandDetectionTime: Nanoseconds {
        @_noAllocation @_noLocks get {
            Nanoseconds(transmitInterval.nanoseconds.count * Int64(detectMultiplier))
        }
    }

    /// When a Poll without an answer becomes a failure; between Polls nothing does.
    var demandDetectionDeadline: Instant {
        @_noAllocation @_noLocks get {
            switch pollSequence {
            case .active: pollStarted + demandDetectionTime
            case .idle, .requested, .settling: .distantFuture
            }
        }
    }

    /// What packets say now, P and F aside.
    var content: PacketContent {
        @_noAllocation @_noLocks get {
            PacketContent(
                discriminators: UInt64(localDiscriminator) << 32 | UInt64(remoteDiscriminator),
                intervals: UInt64(desiredMinTxInterval.count) << 32
                    | UInt64(requiredMinRxInterval.count),
                others: UInt64(configuration.requiredMinEchoRxInterval.count) << 32
                    | UInt64(detectMultiplier) << 16
                    | UInt64(localDiagnostic.rawValue) << 8
                    | (configuration.controlPlaneIndependent ? 1 : 0))
        }
    }

    /// Starts a Poll Sequence for what needs one in Demand mode: another D, other content.
    ///
    /// One that is under way is not disturbed; its end comes back here.
    @_noAllocation @_noLocks
    mutating func pollForDemand() {
        if isDemandSignalled && !(remoteState == .up) {
            // The peer does not take Demand as active any more, so D goes at once.
            endDemand()
            if !isPollOnWire { requestPoll() }
            return
        }
        guard isPollIdle, state == .up else { return }
        let hasNews = isDemandInUse && !(content == toldContent)
        if hasNews || isVerificationDue || wantsDemand != isDemandSignalled {
            isVerificationDue = false
            requestPoll()
        }
    }

    /// Asks for a Poll Sequence that proves that the peer is there (RFC 5880 §6.6).
    @_noAllocation @_noLocks
    mutating func verify() {
        switch pollSequence {
        case .idle: requestPoll()
        case .requested, .active: break
        case .settling: isVerificationDue = true
        }
    }

    /// A packet without F is about to be made: the first with P decides on D.
    @_noAllocation @_noLocks
    mutating func notePeriodicPacket(at now: Instant) {
        if isPolling { lastPoll = now }
        if isPollRequested {
            pollStarted = now
            polledContent = content
            isDemandSignalled = wantsDemand
            if isDemandSignalled { isDemandDetecting = true }
        }
        // In asynchronous mode the next packet repeats what this one says.
        if !isDemandInUse { toldContent = content }
    }

    /// A packet is being made, an answer to a Poll as well: what it says anew, the peer may know
    /// or may not, until a Poll Sequence tells of nothing else (RFC 5880 §6.6).
    @_noAllocation @_noLocks
    mutating func noteContentSaid() {
        guard isDemandInUse else { return }
        if !(content == toldContent) { toldContent = PacketContent() }
        if !(content == polledContent) { polledContent = PacketContent() }
    }

    /// Our Poll has been answered: the peer knows what the packets with P said.
    @_noAllocation @_noLocks
    mutating func notePollCompleted() {
        toldContent = polledContent
        isDemandDetecting = isDemandSignalled
        guard isDemandSignalled else { return }
        // The peer sends nothing by which its late answers could be told: wait for them.
        settlingDeadline = lastPoll + demandDetectionTime
    }

    /// The wait for late answers is over.
    @_noAllocation @_noLocks
    mutating func settle() {
        settlingDeadline = .distantFuture
        pollSequence = .idle
        if hasPendingChange { applyConfiguredIntervals() }
        pollForDemand()
    }

    /// Silence counts again, from now on.
    @_noAllocation @_noLocks
    mutating func endDemand(at now: Instant) {
        if isDemandDetecting { listeningSince = now }
        endDemand()
    }

    private mutating func endDemand() {
        isDemandSignalled = false
        isDemandDetecting = false
        isVerificationDue = false
        settlingDeadline = .distantFuture
    }
}

/// The fields of a packet whose change either end in Demand mode must be told of by a Poll.
struct PacketContent: Sendable, BitwiseCopyable {
    private let discriminators: UInt64
    private let intervals: UInt64
    private let others: UInt64

    @_noAllocation @_noLocks
    init(discriminators: UInt64 = 0, intervals: UInt64 = 0, others: UInt64 = 0) {
        self.discriminators = discriminators
        self.intervals = intervals
        self.others = others
    }

    @_noAllocation @_noLocks
    static func == (left: PacketContent, right: PacketContent) -> Bool {
        left.discriminators == right.discriminators && left.intervals == right.intervals
            && left.others == right.others
    }
}
