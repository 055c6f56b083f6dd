/// Why a change of a link is refused.
public struct LinkRefusal: Error, Sendable, Hashable, CustomStringConvertible {
    /// Why a link is out of bounds.
    public enum Reason: Sendable, Hashable {
        /// It is a Team, or a part of one, that NetworkManager manages.
        case team(String)
        /// NetworkManager manages it.
        case managed
        /// It belongs to a link that NetworkManager manages, as master, port, parent or VLAN.
        case related(String)
        /// NetworkManager runs and says nothing of it.
        case unknown
        /// It belongs to a link that NetworkManager says nothing of.
        case relatedUnknown(String)
        /// The operator protects it.
        case protectedByOperator(pattern: String)
        /// No link has the index or name.
        case absent

        /// A name for counters.
        public var name: String {
            switch self {
            case .team: "team"
            case .managed: "managed"
            case .related: "related"
            case .unknown, .relatedUnknown: "unknown"
            case .protectedByOperator: "protected"
            case .absent: "absent"
            }
        }

        /// The reason as a part of a sentence.
        public var text: String {
            switch self {
            case .team(let team):
                "Team \(team) is NetworkManager's: without its teamd it would not come up again"
            case .managed: "NetworkManager manages it"
            case .related(let other): "it belongs to \(other), which NetworkManager manages"
            case .unknown: "NetworkManager runs and does not say whether it manages it"
            case .relatedUnknown(let other):
                "it belongs to \(other), of which NetworkManager does not say whether it manages it"
            case .protectedByOperator(let pattern): "protected-links has \(pattern)"
            case .absent: "there is no such link"
            }
        }
    }

    /// The link's name.
    public let link: String
    /// The change.
    public let change: LinkChange
    /// Why not.
    public let reason: Reason

    /// A refusal by its parts.
    public init(link: String, change: LinkChange, reason: Reason) {
        self.link = link
        self.change = change
        self.reason = reason
    }

    /// The refusal as a sentence without a final stop.
    public var description: String {
        "the link \(link) is not touched (\(change.rawValue)): \(reason.text)"
    }

    /// What its operator does next, as a whole sentence.
    public var nextStep: String {
        switch reason {
        case .team(let team):
            "Do it in NetworkManager (nmcli connection modify \(team) …), which keeps teamd going."
        case .managed:
            "Do it in NetworkManager, or have it let go of the link first: nmcli device set "
                + "\(link) managed no."
        case .related(let other):
            "Do it in NetworkManager; \(link) is free once \(other) is no longer managed."
        case .unknown, .relatedUnknown:
            "Give this process /run/NetworkManager and the system bus to read; "
                + "\"nmcli device status\" says what NetworkManager thinks of the link."
        case .protectedByOperator(let pattern):
            "Take \(pattern) out of protected-links if the link may be changed."
        case .absent: "\"ip link\" lists the links of the namespace."
        }
    }
}
