/// Which rules of encapsulation a session follows.
public enum Transport: UInt8, Sendable, Hashable, BitwiseCopyable {
    /// One hop, UDP port 3784 (RFC 5881).
    case singleHop
    /// Any number of hops, UDP port 4784 (RFC 5883).
    case multihop
    /// One member link of a link aggregation group, UDP port 6784 (RFC 7130).
    case microBFD

    /// The UDP port that Control packets are sent to.
    public var destinationPort: UInt16 {
        @_noAllocation @_noLocks get {
            switch self {
            case .singleHop: 3784
            case .multihop: 4784
            case .microBFD: 6784
            }
        }
    }

    var bits: UInt64 {
        @_noAllocation @_noLocks get {
            switch self {
            case .singleHop: 0
            case .microBFD: 1
            case .multihop: 2
            }
        }
    }

    /// Whether two transports are the same.
    @_noAllocation @_noLocks
    public static func == (left: Transport, right: Transport) -> Bool {
        left.bits == right.bits
    }
}

/// Who speaks first (RFC 5880 §6.1).
public enum Role: UInt8, Sendable, Hashable, BitwiseCopyable {
    /// Sends without having heard anything.
    case active
    /// Sends nothing until the peer has been heard.
    case passive
}

/// Where a session runs: what tells it from others while the peer does not know its discriminator.
public struct Path: Sendable, Hashable, BitwiseCopyable {
    /// The peer's address.
    public var destination: IPAddress
    /// Our address; unspecified for any.
    public var source: IPAddress
    /// Whether the session is bound to one interface.
    public var isBoundToInterface: Bool
    /// The index of that interface; zero while it does not exist, and for sessions bound to none.
    public var interfaceIndex: UInt32
    /// Single hop, multihop or micro-BFD.
    public var transport: Transport

    /// A path by its parts.
    @_noAllocation @_noLocks
    public init(
        destination: IPAddress, source: IPAddress? = nil, isBoundToInterface: Bool = false,
        interfaceIndex: UInt32 = 0, transport: Transport = .singleHop
    ) {
        self.destination = destination
        self.source = source ?? .unspecified(isIPv6: destination.isIPv6)
        self.isBoundToInterface = isBoundToInterface
        self.interfaceIndex = interfaceIndex
        self.transport = transport
    }

    /// Whether packets can come by it: the interface it is bound to exists.
    var isReachable: Bool {
        @_noAllocation @_noLocks get { !isBoundToInterface || interfaceIndex != 0 }
    }

    /// Whether an interface is not the one that the path is bound to.
    @_noAllocation @_noLocks
    func isElsewhere(_ index: UInt32) -> Bool {
        isBoundToInterface && index != interfaceIndex
    }

    /// What the path is found by; look-ups compare the whole path afterwards.
    var key: UInt64 {
        @_noAllocation @_noLocks get {
            var mixed = SplitMix64.mix(destination.high ^ transport.bits)
            mixed = SplitMix64.mix(mixed ^ destination.low)
            mixed = SplitMix64.mix(mixed ^ source.high)
            mixed = SplitMix64.mix(mixed ^ source.low)
            return SplitMix64.mix(mixed ^ UInt64(interfaceIndex))
        }
    }

    /// Whether two paths are the same.
    @_noAllocation @_noLocks
    public static func == (left: Path, right: Path) -> Bool {
        left.destination == right.destination && left.source == right.source
            && left.isBoundToInterface == right.isBoundToInterface
            && left.interfaceIndex == right.interfaceIndex && left.transport == right.transport
    }
}

/// What an operator decides about a session.
public struct SessionConfiguration: Sendable, Hashable, BitwiseCopyable {
    /// Where the session runs.
    public var path: Path
    /// Who speaks first.
    public var role: Role
    /// The least interval between our packets while Up, from 1 µs.
    public var desiredMinTxInterval: Microseconds
    /// The least interval between packets we can receive, from 1 µs; the same in every state.
    public var requiredMinRxInterval: Microseconds
    /// How many packets may be missing, 1 to 255.
    public var detectMultiplier: UInt8
    /// The lowest TTL or hop limit to accept, 1 to 255.
    public var minimumTTL: UInt8
    /// Whether a packet with our discriminator must also come from the peer's address.
    ///
    /// Deviates: RFC 5880 §6.3 selects by discriminator alone. With `false` it holds as written.
    public var strictSource: Bool
    /// Whether to tell the peer that BFD survives the loss of our control plane (the C bit).
    public var controlPlaneIndependent: Bool
    /// Whether to have the peer stop its periodic packets while both ends are Up (RFC 5880 §6.6).
    ///
    /// Nothing is detected then, except by `Engine.verify` and by the Polls that changes start.
    public var demandMode: Bool
    /// Whether to slow down when the path or this machine is overloaded (RFC 5880 §7).
    public var adaptsToCongestion: Bool
    /// Whether the session starts in AdminDown.
    public var isAdministrativelyDown: Bool
    /// The discriminator a previous run used, or zero to draw one.
    public var localDiscriminator: UInt32
    /// The peer's discriminator where it is known beforehand, or zero (RFC 5883 §4.2).
    public var remoteDiscriminator: UInt32 = 0
    /// The size of the IP packets to send, header included; zero for no padding (RFC 9764).
    ///
    /// A packet is never smaller than what it has to say.
    public var pduSize: UInt16 = 0
    /// Whether a packet that says Down to a discriminator nobody has is known by its addresses.
    ///
    /// Deviates: RFC 5880 §6.8.6 discards it. A peer such as OVN keeps the discriminator of our
    /// previous run for ever, and without this would never hear of the new one.
    public var acceptsStaleDiscriminator = false

    /// A session to one peer, with the defaults of the product: 300 ms × 3, active.
    ///
    /// The least TTL is 255 unless told otherwise, and the source is checked; over several hops
    /// any TTL will do, the source is not checked, and congestion is given way to.
    @_noAllocation @_noLocks
    public init(
        path: Path, role: Role = .active,
        desiredMinTxInterval: Microseconds = Microseconds(300_000),
        requiredMinRxInterval: Microseconds = Microseconds(300_000), detectMultiplier: UInt8 = 3,
        minimumTTL: UInt8? = nil, strictSource: Bool? = nil, controlPlaneIndependent: Bool = false,
        demandMode: Bool = false, adaptsToCongestion: Bool? = nil,
        isAdministrativelyDown: Bool = false, localDiscriminator: UInt32 = 0
    ) {
        self.path = path
        self.role = role
        self.desiredMinTxInterval = desiredMinTxInterval
        self.requiredMinRxInterval = requiredMinRxInterval
        self.detectMultiplier = detectMultiplier
        let isMultihop = path.transport == .multihop
        self.minimumTTL = minimumTTL ?? (isMultihop ? 1 : 255)
        self.strictSource = strictSource ?? !isMultihop
        self.controlPlaneIndependent = controlPlaneIndependent
        self.demandMode = demandMode
        self.adaptsToCongestion = adaptsToCongestion ?? isMultihop
        self.isAdministrativelyDown = isAdministrativelyDown
        self.localDiscriminator = localDiscriminator
    }

    /// Throws the first value that RFC 5880 does not allow.
    public func validate() throws(EngineError) {
        guard desiredMinTxInterval.count > 0 else { throw .desiredMinTxIntervalZero }
        guard requiredMinRxInterval.count > 0 else { throw .requiredMinRxIntervalZero }
        guard detectMultiplier > 0 else { throw .detectMultiplierZero }
        guard minimumTTL > 0 else { throw .minimumTTLZero }
        guard path.source.isIPv6 == path.destination.isIPv6 else { throw .familyMismatch }
        guard path.isBoundToInterface || path.interfaceIndex == 0 else { throw .notBound }
    }
}
