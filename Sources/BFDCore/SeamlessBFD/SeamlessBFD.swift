// Seamless BFD (RFC 7880 and 7881): one end, the initiator, has all the state; the other one, the
// reflector, has none and answers each request from what stands in it.

/// The end that answers: which discriminators it answers for, and how.
public struct SeamlessReflector: Sendable, BitwiseCopyable {
    /// The UDP port that requests go to (RFC 7881 §2).
    public static var port: UInt16 {
        @_noAllocation @_noLocks get { 7784 }
    }

    /// The S-BFD discriminator of the entity; a pool of its own, apart from those of sessions.
    public var discriminator: UInt32
    /// The least interval between the requests of an initiator that we can take.
    public var requiredMinRxInterval: Microseconds
    /// Whether the entity is in service; otherwise answers say AdminDown (RFC 7880 §7.2.3).
    public var isInService: Bool

    /// A reflector by its values.
    public init(
        discriminator: UInt32, requiredMinRxInterval: Microseconds, isInService: Bool = true
    ) {
        self.discriminator = discriminator
        self.requiredMinRxInterval = requiredMinRxInterval
        self.isInService = isInService
    }

    /// The answer to a request, or why there is none (RFC 7880 §7.2, RFC 7881 §6).
    ///
    /// Nothing is kept: the same request twice is answered twice.
    @_noAllocation @_noLocks
    public func answer(
        _ bytes: borrowing Span<UInt8>, sourcePort: UInt16
    ) throws(DiscardReason) -> ControlPacket {
        let request = try ControlPacket(decoding: bytes)
        // Two reflectors must not answer each other for ever.
        guard sourcePort != Self.port else { throw .seamlessSourcePort }
        guard request.yourDiscriminator == discriminator else { throw .unknownYourDiscriminator }
        guard request.demand else { throw .seamlessDemandClear }
        return ControlPacket(
            diagnostic: .none, state: isInService ? .up : .adminDown, poll: false,
            final: request.poll, controlPlaneIndependent: false, demand: false,
            detectMultiplier: request.detectMultiplier, myDiscriminator: discriminator,
            yourDiscriminator: request.myDiscriminator,
            desiredMinTxInterval: request.desiredMinTxInterval,
            requiredMinRxInterval: requiredMinRxInterval,
            requiredMinEchoRxInterval: Microseconds(0))
    }
}

/// The end that asks: how its requests look, and which answers count.
public struct SeamlessInitiator: Sendable, BitwiseCopyable {
    /// What an answer means for the initiator (RFC 7880 §7.3).
    public enum Answer: Sendable, Hashable, BitwiseCopyable {
        /// The entity is reached and in service: Up.
        case up
        /// The entity is reached, but out of service: no loss, and a request a second at most.
        case outOfService
        /// A state that no reflector has: nothing follows.
        case none
    }

    /// Our discriminator, of the pool of sessions.
    public var localDiscriminator: UInt32
    /// The S-BFD discriminator of the entity that is asked.
    public var remoteDiscriminator: UInt32
    /// The least interval between our requests.
    public var desiredMinTxInterval: Microseconds
    /// How many answers may be missing.
    public var detectMultiplier: UInt8

    /// An initiator by its values.
    public init(
        localDiscriminator: UInt32, remoteDiscriminator: UInt32,
        desiredMinTxInterval: Microseconds, detectMultiplier: UInt8
    ) {
        self.localDiscriminator = localDiscriminator
        self.remoteDiscriminator = remoteDiscriminator
        self.desiredMinTxInterval = desiredMinTxInterval
        self.detectMultiplier = detectMultiplier
    }

    /// A request: D set, nothing wanted at any interval of its own (RFC 7880 §7.3.2).
    @_noAllocation @_noLocks
    public func request(_ state: SessionState, poll: Bool) -> ControlPacket {
        ControlPacket(
            diagnostic: .none, state: state, poll: poll, final: false,
            controlPlaneIndependent: false, demand: true, detectMultiplier: detectMultiplier,
            myDiscriminator: localDiscriminator, yourDiscriminator: remoteDiscriminator,
            desiredMinTxInterval: desiredMinTxInterval, requiredMinRxInterval: Microseconds(0),
            requiredMinEchoRxInterval: Microseconds(0))
    }

    /// What an answer means, or why it does not count (RFC 7880 §7.3.3).
    @_noAllocation @_noLocks
    public func check(_ bytes: borrowing Span<UInt8>) throws(DiscardReason) -> Answer {
        let response = try ControlPacket(decoding: bytes)
        guard response.yourDiscriminator == localDiscriminator else {
            throw .unknownYourDiscriminator
        }
        guard !response.demand else { throw .seamlessDemandSet }
        switch response.state {
        case .up: return .up
        case .adminDown: return .outOfService
        case .down, .initializing: return .none
        }
    }
}
