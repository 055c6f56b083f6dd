/// What is known of a session that is asked about, and of the way to its peer.
public struct SessionEvidence: Sendable, Hashable {
    /// Where a session stands.
    public enum State: Sendable, Hashable {
        /// AdminDown by our own operator.
        case disabled
        /// Down.
        case down
        /// Init: the peer is heard.
        case initializing
        /// Up.
        case up
    }

    /// How the session watches its path.
    public enum Kind: Sendable, Hashable {
        /// Over one hop.
        case singleHop
        /// Routers may be in between.
        case multihop
        /// The peer has no BFD, and only forwards our packets back.
        case unaffiliatedEcho
    }

    /// The peer's name.
    public var name: String
    /// The peer's address, with its interface where one is configured.
    public var address: String
    /// The UDP port we send to.
    public var port: UInt16 = 3784
    /// How the path is watched.
    public var kind: Kind = .singleHop
    /// Whether we wait to be spoken to.
    public var isPassive = false
    /// Whether the peer is configured as OVN.
    public var isOVN = false
    /// Where the session stands.
    public var state: State
    /// For how long, in seconds.
    public var secondsInState: Int64 = 0
    /// In how many seconds a session that was told to wait begins; nil for one that has begun.
    public var secondsToStart: Int64?
    /// Whether the path was reported down from outside BFD.
    public var isPathDown = false
    /// The least TTL or hop limit that is accepted.
    public var minimumTTL: UInt8 = 255
    /// Our discriminator.
    public var localDiscriminator: UInt32 = 0
    /// What our packets are authenticated with, such as `keyed-sha1`; nil for nothing.
    public var authentication: String?
    /// Whether there is a key to send with now, where one is needed.
    public var hasKeyToSend = true
    /// The intervals both ends ask for.
    public var intervals = SessionIntervals()
    /// What the peer says; nil while nothing valid is heard.
    public var heard: PeerWord?
    /// Whether something valid has been heard of a peer that is silent now.
    public var hasFallenSilent = false
    /// Whether the last thing heard of a peer that is silent now was AdminDown.
    public var hasSaidGoodbye = false
    /// What the kernel said when a packet was to be sent; nil when it took the last one.
    public var sendFailure: SendFailure?
    /// The way to the peer, as far as it could be looked at.
    public var path = PathEvidence()
    /// What was discarded of the peer's packets lately.
    public var discards: [DiscardEvidence] = []
    /// What was seen on the wire; nil when nobody has watched.
    public var wire: WireEvidence?
    /// Other programs that receive by our port.
    public var otherReceivers: [PortHolder] = []
    /// The row of OVN's database that keeps the session's other end; nil when not shown.
    public var ovnRow: OVNBFDRow?

    /// Evidence by what there always is.
    public init(name: String, address: String, state: State) {
        self.name = name
        self.address = address
        self.state = state
    }
}

/// Intervals in microseconds.
public struct SessionIntervals: Sendable, Hashable {
    /// How often we would like to send.
    public var desiredMinTx: UInt32 = 0
    /// How often the peer may send to us.
    public var requiredMinRx: UInt32 = 0
    /// How many of our packets the peer may miss.
    public var multiplier: UInt8 = 3
    /// By how much a packet of ours was late when the session was lost, in nanoseconds; zero unless
    /// that was more than the peer could spare.
    public var worstLateness: Int64 = 0

    /// Intervals that are not known yet.
    public init() {}
}

/// What the peer's last packet says.
public struct PeerWord: Sendable, Hashable {
    /// A session's state as a packet says it.
    public enum State: String, Sendable, Hashable {
        /// AdminDown.
        case adminDown = "AdminDown"
        /// Down.
        case down = "Down"
        /// Init.
        case initializing = "Init"
        /// Up.
        case up = "Up"
    }

    /// Its state.
    public var state: State
    /// Its diagnostic by name.
    public var diagnostic: String
    /// How often it would like to send, in microseconds.
    public var desiredMinTx: UInt32
    /// How often we may send, in microseconds; zero asks for silence.
    public var requiredMinRx: UInt32
    /// Its multiplier.
    public var multiplier: UInt8

    /// A word by its parts.
    public init(
        state: State, diagnostic: String, desiredMinTx: UInt32, requiredMinRx: UInt32,
        multiplier: UInt8
    ) {
        self.state = state
        self.diagnostic = diagnostic
        self.desiredMinTx = desiredMinTx
        self.requiredMinRx = requiredMinRx
        self.multiplier = multiplier
    }
}

/// The kernel's refusal to send.
public struct SendFailure: Sendable, Hashable {
    /// Kinds that say where to look.
    public enum Kind: Sendable, Hashable {
        /// `EPERM`: a filter of this node.
        case filtered
        /// Anything else.
        case other
    }

    /// Where to look.
    public var kind: Kind
    /// The operation and the kernel's text.
    public var text: String

    /// A refusal by its parts.
    public init(_ kind: Kind, text: String) {
        self.kind = kind
        self.text = text
    }
}

/// Packets of the peer that were discarded for one reason.
public struct DiscardEvidence: Sendable, Hashable {
    /// The counter's name, such as `ttl_not_255`.
    public var reason: String
    /// What it means in a few words.
    public var meaning: String
    /// Which kind of repair it takes.
    public var kind: Kind
    /// How many, as far as they were counted for this peer.
    public var count: UInt64
    /// The last one; nil when it was not kept.
    public var sample: PacketSample?

    /// Which kind of repair it takes.
    public enum Kind: Sendable, Hashable {
        /// TTL or hop limit.
        case hopLimit
        /// A discriminator that is not ours.
        case staleDiscriminator
        /// Authentication: none where we want it, or some where we want none, or another type.
        case authenticationType
        /// A key we do not have.
        case authenticationKey
        /// A sequence number that does not follow.
        case authenticationSequence
        /// A wrong digest or password.
        case authenticationDigest
        /// Anything else.
        case other
    }

    /// Discards by their parts.
    public init(
        reason: String, meaning: String, kind: Kind, count: UInt64, sample: PacketSample? = nil
    ) {
        self.reason = reason
        self.meaning = meaning
        self.kind = kind
        self.count = count
        self.sample = sample
    }
}

/// A discarded packet, as far as its octets were kept.
public struct PacketSample: Sendable, Hashable {
    /// Where it came from.
    public var source: String
    /// The interface it came in by; nil when it has no name any more.
    public var interface: String?
    /// Its TTL or hop limit; nil when the kernel did not tell.
    public var hopLimit: UInt8?
    /// The octets of its payload.
    public var byteCount: Int
    /// What it says of our discriminator; nil when it was too short.
    public var yourDiscriminator: UInt32?
    /// The type of its authentication; nil for none.
    public var authenticationType: String?
    /// The id of its key; nil for none.
    public var keyID: UInt8?
    /// Its sequence number; nil for none.
    public var sequence: UInt32?
    /// How long ago it came, in milliseconds.
    public var ageMilliseconds: Int64
    /// Its first octets in hexadecimal digits.
    public var octets: String

    /// A sample by what every packet has.
    public init(source: String, byteCount: Int, ageMilliseconds: Int64, octets: String) {
        self.source = source
        self.byteCount = byteCount
        self.ageMilliseconds = ageMilliseconds
        self.octets = octets
    }
}

/// A program that receives by a port.
public struct PortHolder: Sendable, Hashable {
    /// Its process; nil when it could not be found.
    public var process: Int32?
    /// Its short name.
    public var command: String
    /// The address it is bound to, as `/proc` shows sockets.
    public var address: String

    /// A holder by its parts.
    public init(process: Int32?, command: String, address: String) {
        self.process = process
        self.command = command
        self.address = address
    }
}
