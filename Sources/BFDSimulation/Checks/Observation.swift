public import BFDCore

/// Something that happened at one end of a session, as the checkers see it.
public struct Observation: Sendable, BitwiseCopyable {
    /// When.
    public var at: Instant
    /// Where: ends 2k and 2k + 1 are the two of link k.
    public var end: Int
    /// What.
    public var event: Event

    /// An observation by its parts.
    public init(at: Instant, end: Int, _ event: Event) {
        self.at = at
        self.end = end
        self.event = event
    }
}

/// What can happen at one end of a session.
public enum Event: Sendable, BitwiseCopyable {
    /// The session was made.
    case began(Beginning)
    /// The session, or its whole process, is gone without another word.
    case ended
    /// An operator changed it while it lived.
    case configured(SessionSettings)
    /// It sent a packet.
    case sent(ControlPacket)
    /// A packet sent to it at that moment will not reach it.
    case lost(sentAt: Instant)
    /// Its process read a packet.
    case received(Receipt)
    /// Its state changed.
    case changed(from: SessionState, to: SessionState, StateChangeCause)
    /// Its process was stopped: packets queue up.
    case paused
    /// Its process runs again.
    case resumed
    /// It sent an Echo packet.
    case echoSent
    /// An Echo packet of its own came back, and counted.
    case echoReturned(receivedAt: Instant)
    /// An Echo packet, or a looped one, that it sent at that moment will not come back.
    case echoLost(sentAt: Instant)
    /// It has doubled its intervals so often because of congestion.
    case eased(level: UInt8)
}

/// What an operator sets at one end, and may change while the session lives.
public struct SessionSettings: Sendable, Hashable, BitwiseCopyable {
    /// The least interval between its packets while Up.
    public var desiredMinTxInterval: Microseconds
    /// The least interval between packets it can receive.
    public var requiredMinRxInterval: Microseconds
    /// How many of its packets may be missing.
    public var detectMultiplier: UInt8
    /// Who speaks first.
    public var role: Role
    /// Whether it asks its peer for silence while Up.
    public var demandMode: Bool
    /// The least interval between its Echo packets; zero for none.
    public var echoTransmitInterval = Microseconds(0)
    /// The least interval between Echo packets of its peer that it sends back; zero if it does not.
    public var echoReceiveInterval = Microseconds(0)
    /// Whether it slows down under congestion.
    public var adaptsToCongestion = false

    /// Settings by their parts: 300 ms, three times, active.
    public init(
        desiredMinTxInterval: Microseconds = Microseconds(300_000),
        requiredMinRxInterval: Microseconds = Microseconds(300_000), detectMultiplier: UInt8 = 3,
        role: Role = .active, demandMode: Bool = false
    ) {
        self.desiredMinTxInterval = desiredMinTxInterval
        self.requiredMinRxInterval = requiredMinRxInterval
        self.detectMultiplier = detectMultiplier
        self.role = role
        self.demandMode = demandMode
    }
}

/// How a session began.
public struct Beginning: Sendable, BitwiseCopyable {
    /// What was configured.
    public var settings: SessionSettings
    /// Its discriminator.
    public var localDiscriminator: UInt32
    /// Down, or AdminDown.
    public var state: SessionState
    /// Which node it is at: discriminators are unique there.
    public var node: Int
    /// Whether a script plays it, which need not keep the RFC.
    public var isScripted: Bool
    /// How late its process may wake up.
    public var tick: Nanoseconds
    /// Whether the peer has started it, unasked.
    public var isUnsolicited: Bool

    /// A beginning by its parts.
    public init(
        settings: SessionSettings = SessionSettings(), localDiscriminator: UInt32,
        state: SessionState = .down, node: Int, isScripted: Bool = false,
        tick: Nanoseconds = .zero, isUnsolicited: Bool = false
    ) {
        self.settings = settings
        self.localDiscriminator = localDiscriminator
        self.state = state
        self.node = node
        self.isScripted = isScripted
        self.tick = tick
        self.isUnsolicited = isUnsolicited
    }
}

/// A packet that was read.
public struct Receipt: Sendable, BitwiseCopyable {
    /// The packet as it arrived.
    public var packet: ControlPacket
    /// When the peer sent it.
    public var sentAt: Instant
    /// When it arrived.
    public var receivedAt: Instant
    /// Whether it counts: it passed the rules of RFC 5880 §6.8.6 up to the state variables.
    public var isAccepted: Bool
    /// Whether it was damaged on the way.
    public var isForged: Bool

    /// A receipt by its parts.
    public init(
        packet: ControlPacket, sentAt: Instant, receivedAt: Instant, isAccepted: Bool = true,
        isForged: Bool = false
    ) {
        self.packet = packet
        self.sentAt = sentAt
        self.receivedAt = receivedAt
        self.isAccepted = isAccepted
        self.isForged = isForged
    }
}
