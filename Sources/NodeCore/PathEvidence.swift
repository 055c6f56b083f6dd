/// The way to a peer, as the kernel sees it.
public struct PathEvidence: Sendable, Hashable {
    /// A link that packets to the peer leave by.
    public enum Link: Sendable, Hashable {
        /// There is none of that name.
        case absent(String)
        /// Set down by somebody.
        case down(String)
        /// Up, but nothing is plugged in at the other end.
        case withoutCarrier(String)
        /// Up and running.
        case running(String)
    }

    /// Where the routes lead.
    public enum Route: Sendable, Hashable {
        /// Nowhere; with the kernel's text.
        case nowhere(String)
        /// To the peer itself, or to a router.
        case through(router: String?)
    }

    /// What the kernel knows of the next hop's hardware address.
    public enum Neighbor: Sendable, Hashable {
        /// It asked, and nobody answered.
        case failed
        /// It is asking.
        case incomplete
        /// It knows, or needs none.
        case known
        /// It has not asked.
        case absent
    }

    /// The link; nil when not known.
    public var link: Link?
    /// Our configured address where no link of the node has it.
    public var missingSource: String?
    /// Where the routes lead; nil when not known.
    public var route: Route?
    /// The next hop's entry; nil when not known.
    public var neighbor: Neighbor?
    /// The next hop that the entry is about.
    public var nextHop: String?

    /// A way of which nothing is known.
    public init() {}
}

/// What was seen on the wire while somebody watched.
public struct WireEvidence: Sendable, Hashable {
    /// For how long, in milliseconds.
    public var milliseconds: Int64
    /// How many of the peer's packets came to a link of the node.
    public var arrived: Int
    /// How many of them came to our sockets.
    public var delivered: Int
    /// How many packets the reverse path filter dropped meanwhile.
    public var reversePathDrops: Int = 0
    /// What somebody on the way said about our packets; nil for nothing.
    public var complaint: Complaint?

    /// A watch by what there always is.
    public init(milliseconds: Int64, arrived: Int, delivered: Int) {
        self.milliseconds = milliseconds
        self.arrived = arrived
        self.delivered = delivered
    }

    /// An ICMP error about our packets.
    public struct Complaint: Sendable, Hashable {
        /// Kinds that say where to look.
        public enum Kind: Sendable, Hashable {
            /// Nobody listens on the port.
            case portUnreachable
            /// A filter does not let them pass.
            case prohibited
            /// A router knows no way, or gets no answer.
            case unreachable
        }

        /// Where to look.
        public var kind: Kind
        /// Who said it.
        public var sender: String
        /// Type and code, such as `ICMP 3/13`.
        public var code: String

        /// A complaint by its parts.
        public init(_ kind: Kind, sender: String, code: String) {
            self.kind = kind
            self.sender = sender
            self.code = code
        }
    }
}
