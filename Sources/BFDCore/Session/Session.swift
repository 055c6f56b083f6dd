/// One session: the variables of RFC 5880 §6.8.1, and what its timers need.
///
/// What every packet needs stands together, and what few do at the end: with thousands of sessions
/// each line of memory is fetched anew for each packet.
public struct Session: Sendable, BitwiseCopyable {
    /// What the operator decided.
    public internal(set) var configuration: SessionConfiguration
    /// bfd.LocalDiscr: ours, unique on the system, never zero.
    public internal(set) var localDiscriminator: UInt32
    /// bfd.RemoteDiscr: the peer's, zero while it is not known.
    public internal(set) var remoteDiscriminator: UInt32 = 0
    /// bfd.SessionState.
    public internal(set) var state: SessionState = .down
    /// bfd.RemoteSessionState: as last received.
    public internal(set) var remoteState: SessionState = .down
    /// bfd.LocalDiag.
    public internal(set) var localDiagnostic: Diagnostic = .none
    /// Diag as last received.
    public internal(set) var remoteDiagnostic: Diagnostic = .none
    /// bfd.DetectMult: ours.
    public internal(set) var detectMultiplier: UInt8
    /// Detect Mult as last received, zero before that.
    public internal(set) var remoteDetectMultiplier: UInt8 = 0
    /// bfd.RemoteDemandMode.
    public internal(set) var remoteDemandMode = false
    /// The C bit as last received.
    public internal(set) var remoteControlPlaneIndependent = false
    /// bfd.DesiredMinTxInterval, as our packets say it: at least a second while not Up.
    public internal(set) var desiredMinTxInterval: Microseconds
    /// bfd.RequiredMinRxInterval, as our packets say it.
    public internal(set) var requiredMinRxInterval: Microseconds
    /// bfd.RemoteMinRxInterval: as last received, 1 µs before that.
    public internal(set) var remoteMinRxInterval = Microseconds(1)
    /// Desired Min TX Interval as last received.
    public internal(set) var remoteDesiredMinTxInterval = Microseconds(0)
    /// Required Min Echo RX Interval as last received; zero means that the peer loops none.
    public internal(set) var remoteMinEchoRxInterval = Microseconds(0)

    /// What stands in for DesiredMinTxInterval until a Poll Sequence has told the peer of a longer.
    var transmitIntervalInEffect: Microseconds
    /// What stands in for RequiredMinRxInterval until a Poll Sequence has told of a shorter.
    var receiveIntervalInEffect: Microseconds
    /// The interval that deadline was drawn from, zero while nothing is sent periodically.
    var scheduledInterval = Microseconds(0)
    /// Where our Poll Sequence is.
    public internal(set) var pollSequence: PollSequence = .idle
    /// Whether the operator changed an interval that no Poll Sequence has carried yet.
    var hasPendingChange = false
    /// Whether a Poll Sequence starts once the peer is heard.
    var wantsPollOnContact = false
    /// Whether our last Poll Sequence carried D.
    var isDemandSignalled = false
    /// Whether the peer may take its silence to be wanted.
    var isDemandDetecting = false
    /// Whether the next Poll Sequence was asked for while the last had not settled.
    var isVerificationDue = false
    /// Whether the session is kept from leaving Down (RFC 5880 §6.2).
    public internal(set) var isHeldDown = false
    /// Whether something outside BFD says that the path is down (RFC 5880 §6.8.16).
    public internal(set) var isPathDown = false
    /// Whether silence counts: the peer has been heard since the last expiry.
    public internal(set) var isDetecting = false
    /// Among how many sessions this one is: whether their packets had better leave together.
    var crowd = Crowd.none
    /// How often the intervals have been doubled because of congestion (RFC 5880 §7).
    public internal(set) var congestionLevel: UInt8 = 0
    /// Packets owed to the peer.
    var outbox = Outbox()

    /// When the last valid packet arrived, by the kernel's stamp.
    public internal(set) var lastReceived = Instant(nanoseconds: .min)
    /// The earliest moment that silence counts from.
    var listeningSince = Instant(nanoseconds: .min)
    /// When the next periodic packet is due.
    var nextTransmitDeadline: Instant = .distantFuture
    /// When a periodic packet, or one for a changed state, last left.
    var lastTransmit = Instant(nanoseconds: .min)
    /// When late answers to the last Poll Sequence are no longer to be expected, in Demand mode.
    var settlingDeadline: Instant = .distantFuture
    /// When one doubling is taken back.
    var congestionDeadline: Instant = .distantFuture
    /// When a session that was told to wait begins; the distant future once it has.
    var startDeadline: Instant = .distantFuture
    /// When a removed session has told its peer long enough.
    var removalDeadline: Instant = .distantFuture
    /// What becomes of a session that a peer has started.
    var life = UnsolicitedLife()
    /// Our Echo packets.
    var echo = EchoState()
    /// What the peer is known to have been told last, or is told again and again; equal to no
    /// content while that is open.
    var toldContent = PacketContent()
    /// How late a packet of ours once left, when that was more than the peer waits for.
    var lateness = Lateness()

    /// What happened so far.
    public internal(set) var counters = SessionCounters()

    /// What every packet of the present Poll Sequence said; equal to no content if they differ.
    var polledContent = PacketContent()
    /// When the first packet of the last Poll Sequence left.
    var pollStarted = Instant(nanoseconds: .min)
    /// When the last packet with P left.
    var lastPoll = Instant(nanoseconds: .min)
    /// What stands in for the configured receive interval while the session is held Down.
    var heldReceiveInterval: Microseconds?
    /// What both intervals are lengthened to, before a planned restart (RFC 5882 §4.3).
    public internal(set) var intervalFloor: Microseconds?
    /// How fast Final answers may be asked of us.
    var finals = FinalLimiter()
    /// When the session last failed by silence.
    var lastExpiry = Instant(nanoseconds: .min)
    /// When it did so the time before.
    var expiryBefore = Instant(nanoseconds: .min)
    /// When the session was made.
    public internal(set) var created: Instant
    /// When the state last changed.
    public internal(set) var lastStateChange: Instant

    @_noAllocation @_noLocks
    init(_ configuration: SessionConfiguration, localDiscriminator: UInt32, at now: Instant) {
        self.configuration = configuration
        self.localDiscriminator = localDiscriminator
        let slow = Microseconds.maximum(configuration.desiredMinTxInterval, .second)
        desiredMinTxInterval = slow
        transmitIntervalInEffect = slow
        requiredMinRxInterval = configuration.requiredMinRxInterval
        receiveIntervalInEffect = configuration.requiredMinRxInterval
        detectMultiplier = configuration.detectMultiplier
        remoteDiscriminator = configuration.remoteDiscriminator
        if configuration.isAdministrativelyDown {
            state = .adminDown
            localDiagnostic = .administrativelyDown
        }
        if .zero < configuration.startDelay { startDeadline = now + configuration.startDelay }
        created = now
        lastStateChange = now
        if isUnaffiliatedEcho { adoptLoopIntervals() }
    }

    /// Whether we tell the peer to be silent: the D bit of our packets (RFC 5880 §6.6).
    public var isInDemandMode: Bool {
        @_noAllocation @_noLocks get {
            isDemandSignalled && state == .up && remoteState == .up
        }
    }

    /// Whether the session has not begun yet: it neither speaks nor listens.
    var isWaitingToStart: Bool {
        @_noAllocation @_noLocks get { startDeadline.nanoseconds != .max }
    }

    /// Whether the session only lingers to tell the peer of its removal.
    var isBeingRemoved: Bool {
        @_noAllocation @_noLocks get { removalDeadline.nanoseconds != .max }
    }
}

/// Packets that a session owes and that `Engine.poll()` has not handed out yet.
struct Outbox: Sendable, BitwiseCopyable {
    /// An answer to a Poll.
    var final = false
    /// A periodic packet, or one that tells of a changed state.
    var periodic = false
    /// An Echo packet.
    var echo = false

    @_noAllocation @_noLocks
    init() {}

    var isOwing: Bool {
        @_noAllocation @_noLocks get { final || periodic || echo }
    }
}

/// What a session has counted (RFC 9314 session-statistics).
public struct SessionCounters: Sendable, BitwiseCopyable {
    /// Valid packets received.
    public internal(set) var received: UInt64 = 0
    /// Packets handed out for sending.
    public internal(set) var sent: UInt64 = 0
    /// How late periodic packets left.
    public internal(set) var transmitLateness = LatenessHistogram()
    /// Packets the kernel refused to send.
    public internal(set) var sendFailed: UInt64 = 0
    /// Packets discarded after this session was selected.
    public internal(set) var receivedInvalid: UInt64 = 0
    /// Times the session left Up for Down.
    public internal(set) var downs: UInt32 = 0
    /// Times the session entered AdminDown.
    public internal(set) var adminDowns: UInt32 = 0
    /// Times the peer's discriminator changed under a right Your Discriminator.
    public internal(set) var discriminatorChanges: UInt32 = 0
    /// Poll answers that the limiter withheld.
    public internal(set) var finalsWithheld: UInt32 = 0
    /// Packets that came in by another interface than the session's.
    public internal(set) var foreignInterface: UInt32 = 0
    /// Echo packets handed out for sending.
    public internal(set) var echoesSent: UInt64 = 0
    /// Echo packets of ours that came back.
    public internal(set) var echoesReturned: UInt64 = 0
    /// How long the last of them was on its way.
    public internal(set) var lastEchoRoundTrip: Nanoseconds?
    /// How long after the detection time silence was declared a failure.
    public internal(set) var detectionOvershoot = LatenessHistogram()
    /// Discards by reason.
    public internal(set) var discards = SessionDiscardCounters()
    /// When the session last entered Up.
    public internal(set) var lastUp: Instant?
    /// When the session last left Up.
    public internal(set) var lastDown: Instant?

    @_noAllocation @_noLocks
    init() {}
}
