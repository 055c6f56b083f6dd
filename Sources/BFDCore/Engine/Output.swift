/// Names a session of one engine; never names another one later.
public struct SessionHandle: Sendable, Hashable, BitwiseCopyable {
    /// The slot, 0 up to the engine's capacity, free for the caller's own tables.
    public let index: Int
    let generation: UInt32

    @_noAllocation @_noLocks
    init(index: Int, generation: UInt32) {
        self.index = index
        self.generation = generation
    }
}

/// Why a session changed its state.
public enum StateChangeCause: UInt8, Sendable, Hashable, BitwiseCopyable {
    /// The three-way handshake went on.
    case handshake
    /// The peer said Down.
    case peerDown
    /// The peer said AdminDown: no failure (RFC 5882 §4.2).
    case peerAdminDown
    /// Nothing valid arrived for the detection time.
    case detectionTimeExpired
    /// An operator disabled the session.
    case administrativelyDisabled
    /// An operator enabled the session.
    case administrativelyEnabled
    /// Something outside BFD says that the path is down.
    case pathDown
    /// Our own packets did not come back from the peer.
    case echoFailed
    /// What said that the path is down has taken it back.
    case pathRestored
    /// Our forwarding state was lost (RFC 5880 §6.8.15).
    case forwardingPlaneReset
    /// A session that the peer has started did not come up in time (RFC 9468 §2).
    case notUpInTime
    /// The session goes on that another process had: its state is no news to the peer.
    case takenOver
}

/// A state change, with all that can be said about it later.
public struct StateChange: Sendable, BitwiseCopyable {
    /// Whose state changed.
    public let session: SessionHandle
    /// The state before.
    public let from: SessionState
    /// The state now.
    public let to: SessionState
    /// What changed it.
    public let cause: StateChangeCause
    /// bfd.LocalDiag after the change.
    public let localDiagnostic: Diagnostic
    /// What the peer said of its own reason last.
    public let remoteDiagnostic: Diagnostic
    /// When the engine decided it.
    public let at: Instant
    /// When the last valid packet had arrived.
    public let lastReceived: Instant
    /// By how much a packet of ours had been late shortly before, in microseconds.
    ///
    /// Zero unless that was so late that the peer had to give us up.
    public let ownLatenessMicroseconds: UInt32
    /// Whether our BFD survives the loss of our control plane: the C bit we send (RFC 5882 §4.3).
    public let isControlPlaneIndependent: Bool
    /// Whether the peer's does: the C bit last received.
    public let isRemoteControlPlaneIndependent: Bool
    /// The data protocol whose path this is (RFC 5882 §4.2): IPv6, or else IPv4.
    public let isIPv6: Bool

    @_noAllocation @_noLocks
    init(
        _ session: Session, _ handle: SessionHandle, _ transition: StateTransition, at now: Instant
    ) {
        self.session = handle
        from = transition.from
        to = transition.to
        cause = transition.cause
        localDiagnostic = session.localDiagnostic
        remoteDiagnostic = session.remoteDiagnostic
        at = now
        lastReceived = session.lastReceived
        ownLatenessMicroseconds = transition.from == .up ? session.ownLateness(at: now) : 0
        isControlPlaneIndependent = session.configuration.controlPlaneIndependent
        isRemoteControlPlaneIndependent = session.remoteControlPlaneIndependent
        isIPv6 = session.configuration.path.destination.isIPv6
    }
}

/// A packet to send.
public struct Transmission: Sendable, BitwiseCopyable {
    /// The session that sends.
    public let session: SessionHandle
    /// What to encode.
    public let packet: ControlPacket
    /// What to write behind it; `nil` for a session without authentication.
    public let authentication: AuthenticationHeader?
    /// The octets of the UDP payload, at least the packet's own; what follows it is zero.
    public let payloadByteCount: Int

    @_noAllocation @_noLocks
    init(
        session: SessionHandle, packet: ControlPacket, authentication: AuthenticationHeader?,
        payloadByteCount: Int
    ) {
        self.session = session
        self.packet = packet
        self.authentication = authentication
        self.payloadByteCount = payloadByteCount
    }
}

/// What the engine wants done.
public enum Output: Sendable, BitwiseCopyable {
    /// Send a packet now.
    case transmit(Transmission)
    /// Send an Echo packet now.
    case transmitEcho(EchoTransmission)
    /// Tell those who asked.
    case stateChanged(StateChange)
    /// The session is gone; its slot may be used again.
    case removed(SessionHandle)
    /// A peer has started a session (RFC 9468); what else there is to say of it follows.
    case created(SessionHandle)
}

/// How a packet came in.
public struct Arrival: Sendable, BitwiseCopyable {
    /// The sender's address.
    public var source: IPAddress
    /// The address it was sent to.
    public var destination: IPAddress
    /// The index of the interface it came in by.
    public var interfaceIndex: UInt32
    /// TTL or hop limit; `nil` when the kernel did not tell.
    public var hopLimit: UInt8?
    /// Which port it came in by.
    public var transport: Transport
    /// The kernel's receive time.
    public var receivedAt: Instant

    /// An arrival by its parts.
    public init(
        source: IPAddress, destination: IPAddress, interfaceIndex: UInt32, hopLimit: UInt8?,
        transport: Transport = .singleHop, receivedAt: Instant
    ) {
        self.source = source
        self.destination = destination
        self.interfaceIndex = interfaceIndex
        self.hopLimit = hopLimit
        self.transport = transport
        self.receivedAt = receivedAt
    }
}

/// What became of a received packet.
public enum Reception: Sendable, BitwiseCopyable {
    /// It counts for its session.
    case accepted(SessionHandle)
    /// It was dropped, and counted.
    case discarded(DiscardReason)
    /// It is good but for the password or digest, which the caller compares: see `Engine.finish`.
    case needsDigest(AuthenticationChallenge)
}

/// The caller's mistake.
public enum EngineError: Error, Sendable, Hashable {
    /// Every slot is taken.
    case full
    /// The engine's outputs have not been fetched: what the call does could not be told.
    case outputFull
    /// Another session has the same path.
    case pathInUse
    /// The path names an interface index, but is bound to none.
    case notBound
    /// No session has this handle any more.
    case unknownSession
    /// Desired Min TX Interval 0 is reserved (RFC 5880 §4.1).
    case desiredMinTxIntervalZero
    /// A Required Min RX Interval of 0 would silence the peer.
    case requiredMinRxIntervalZero
    /// Detect Mult 0 is never sent.
    case detectMultiplierZero
    /// A minimum TTL of 0 checks nothing.
    case minimumTTLZero
    /// Source and destination are of different families.
    case familyMismatch
    /// Echo packets go over one hop only (RFC 5883 §3).
    case echoNotSingleHop
    /// An unaffiliated Echo session that is passive, AdminDown or without an address of its own.
    case unaffiliatedEchoImpossible
    /// An unaffiliated Echo session and another one would lead to the same system.
    case remoteInUse
    /// The session is not Up, so there is no concatenated path to tell of.
    case notUp
    /// Echo packets cannot be told apart by several engine threads.
    case echoOnSeveralThreads
    /// The diagnostic is not one of the two for concatenated paths.
    case notConcatenatedPath
}
