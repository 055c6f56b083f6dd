public import BFDCore

/// Something that happens to a node, an end or a link from outside.
public enum Action: Sendable, Hashable {
    /// The direction from an end to its peer changes.
    case conditions(from: Int, LinkConditions)
    /// All links are faultless again.
    case heal
    /// The process of a node is stopped for a while: packets queue up.
    case stop(node: Int, Nanoseconds)
    /// The process of a node ends without a word.
    case kill(node: Int)
    /// The process of a node starts again, its sessions with the old discriminators or new ones.
    case start(node: Int, keepsDiscriminators: Bool)
    /// An operator changes a session while it lives.
    case configure(end: Int, SessionSettings)
    /// An operator has an end send with another key; it accepts that one and those next to it.
    case key(end: Int, generation: Int)
    /// Somebody wants to know now whether the peer is there, by a Poll (RFC 5880 §6.6).
    case verify(end: Int)
    /// An operator disables a session.
    case disable(end: Int)
    /// An operator enables a session.
    case enable(end: Int)
    /// The interface of an end comes back with another index, or goes: 0.
    case interface(end: Int, UInt32)
    /// An operator removes a session.
    case remove(end: Int)
    /// An operator adds a session again.
    case add(end: Int, keepsDiscriminator: Bool)
    /// Everything is expected to be in order now.
    case rest
}

/// Nodes, links between them, and what happens to them.
public struct Scenario: Sendable, Hashable {
    /// Who plays a node.
    public enum Player: Sendable, Hashable {
        /// A whole engine.
        case engine
        /// ovn-controller, as `OVNPeer` has it.
        case ovn
        /// A script that the test brings along.
        case script
    }

    /// What a route does without next hops.
    public enum Policy: String, Sendable, Hashable, CaseIterable {
        /// It goes.
        case withdraw
        /// It drops packets.
        case blackhole
        /// It stays as it was last.
        case keepLast = "keep-last"
    }

    /// A process with sessions.
    public struct Node: Sendable, Hashable {
        /// What it is called.
        public var name: String
        /// Who plays it.
        public var player: Player
        /// How late it wakes up at most.
        public var latency: Nanoseconds
        /// What its route does without next hops.
        public var policy: Policy

        /// A node by its parts: an engine that is never late.
        public init(
            name: String, player: Player = .engine, latency: Nanoseconds = .zero,
            policy: Policy = .withdraw
        ) {
            self.name = name
            self.player = player
            self.latency = latency
            self.policy = policy
        }
    }

    /// What an end of a link is.
    public enum Kind: Sendable, Hashable {
        /// A session over one hop.
        case singleHop
        /// A session over several.
        case multihop
        /// An unaffiliated Echo session: its peer only sends back what it gets.
        case loop
        /// The peer of an unaffiliated Echo session, which has none.
        case forwarder
        /// A session that is made when the peer asks for it.
        case unsolicited
    }

    /// One end of a link.
    public struct End: Sendable, Hashable {
        /// Which node it is at.
        public var node: Int
        /// How its session is configured.
        public var settings: SessionSettings
        /// Whether its session is bound to the interface.
        public var isBound: Bool
        /// How its session authenticates; `nil` for not at all.
        public var authentication: AuthenticationType?
        /// Whether a Down to a discriminator that nobody has is known by its addresses.
        public var acceptsStaleDiscriminator: Bool
        /// What it is.
        public var kind: Kind = .singleHop
        /// The least TTL that it takes packets with.
        public var minimumTTL: UInt8 = 255

        /// An end by its parts.
        public init(
            node: Int, settings: SessionSettings = SessionSettings(), isBound: Bool = false,
            authentication: AuthenticationType? = nil, acceptsStaleDiscriminator: Bool = false
        ) {
            self.node = node
            self.settings = settings
            self.isBound = isBound
            self.authentication = authentication
            self.acceptsStaleDiscriminator = acceptsStaleDiscriminator
        }
    }

    /// What every random number of the run follows from.
    public var seed: UInt64
    /// The nodes.
    public var nodes: [Node] = []
    /// The ends: 2k and 2k + 1 are those of link k.
    public var ends: [End] = []
    /// What happens, in order of time since the start.
    public var actions: [(at: Nanoseconds, action: Action)] {
        get { zip(times, steps).map { ($0, $1) } }
        set {
            times = newValue.map(\.at)
            steps = newValue.map(\.action)
        }
    }
    private var times: [Nanoseconds] = []
    private var steps: [Action] = []
    /// How long the run is.
    public var duration: Nanoseconds = .zero

    /// An empty scenario.
    public init(seed: UInt64) {
        self.seed = seed
    }

    /// Adds an action that happens no earlier than those before it.
    public mutating func append(_ action: Action, at moment: Nanoseconds) {
        times.append(moment)
        steps.append(action)
    }

    /// How much later than another a packet of any link may be read, late wake-ups included.
    var spread: Nanoseconds {
        var most = LinkConditions().latestArrival
        for case .conditions(_, let conditions) in steps {
            most = max(most, conditions.latestArrival)
        }
        let latency = nodes.map(\.latency).max() ?? .zero
        return most + latency * 2
    }

    /// Whether links damage packets at times.
    var isCorrupting: Bool {
        steps.contains {
            guard case .conditions(_, let conditions) = $0 else { return false }
            return conditions.corruptPerMille > 0
        }
    }

    /// Whether links may lose packets, but neither damage, double nor reorder them.
    var isFaithful: Bool {
        steps.allSatisfy {
            guard case .conditions(_, let conditions) = $0 else { return true }
            return conditions.isFaithful
        }
    }
}
