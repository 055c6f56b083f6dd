/// A change that a program may ask of a link.
public enum LinkChange: Sendable, Hashable, CaseIterable {
    case setUp
    case setDown
    case rename
    case setHardwareAddress
    case setMTU
    case setMaster
    case moveToNamespace
    case changeKindOptions
    case delete
    case replaceQueueing
    case changeAddresses
    case changeForeignRoute
    /// A route with our own protocol number, out of the link.
    case changeOwnRoute
}

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
        /// The operator protects it.
        case protectedByOperator(pattern: String)
        /// No link has the index.
        case absent
    }

    /// The link's name.
    public let link: String
    /// The change.
    public let change: LinkChange
    /// Why not.
    public let reason: Reason

    /// The refusal as a sentence without a final stop.
    public var description: String {
        let why =
            switch reason {
            case .team(let team):
                "Team \(team) is NetworkManager's: without its teamd it would not come up again"
            case .managed: "NetworkManager manages it"
            case .related(let other): "it belongs to \(other), which NetworkManager manages"
            case .unknown: "NetworkManager runs and does not say whether it manages it"
            case .protectedByOperator(let pattern): "protected-links has \(pattern)"
            case .absent: "there is no such link"
            }
        return "the link \(link) is not touched (\(change)): \(why)"
    }
}

/// Stands in front of every change of a link: what NetworkManager manages is not ours to change.
public struct LinkGuard: Sendable {
    private let links: [UInt32: LinkEvidence]
    private let networkManager: NetworkManagerEvidence
    private let patterns: [String]
    private let exempt: Set<String>

    /// A guard over the links of one namespace.
    ///
    /// `protected` are names that operators add, with `*` at the end for any rest; `exempt` are
    /// links that they give free by name.
    public init(
        _ links: [LinkEvidence], _ networkManager: NetworkManagerEvidence,
        protected patterns: [String] = [], exempt: Set<String> = []
    ) {
        self.links = Dictionary(
            links.map { ($0.index, $0) }, uniquingKeysWith: { first, _ in first })
        self.networkManager = networkManager
        self.patterns = patterns
        self.exempt = exempt
    }

    /// Lets a change pass, or throws why not.
    public func check(_ change: LinkChange, index: UInt32) throws(LinkRefusal) {
        if change == .changeOwnRoute { return }
        guard let link = links[index] else {
            throw LinkRefusal(link: "\(index)", change: change, reason: .absent)
        }
        if let reason = reason(against: link) {
            throw LinkRefusal(link: link.name, change: change, reason: reason)
        }
    }

    /// Why a link is out of bounds; nil when it is not.
    public func reason(against link: LinkEvidence) -> LinkRefusal.Reason? {
        if let pattern = patterns.first(where: { Self.matches(link.name, $0) }) {
            return .protectedByOperator(pattern: pattern)
        }
        // Indices of another namespace say nothing of the links here.
        guard networkManager.isAlive, networkManager.sharesNamespace != false,
            !exempt.contains(link.name)
        else { return nil }
        let family = family(of: link.index)
        let managed = family.filter { networkManager.words[$0.index] == .managed }
        if let team = family.first(where: { $0.kind == "team" }), !managed.isEmpty {
            return .team(team.name)
        }
        if managed.contains(link) { return .managed }
        if let other = managed.first { return .related(other.name) }
        return networkManager.words[link.index] == nil ? .unknown : nil
    }

    /// The link, and all that hang together with it as masters, ports, parents and VLANs.
    private func family(of index: UInt32) -> [LinkEvidence] {
        var found: Set<UInt32> = [index]
        var waiting = [index]
        while let next = waiting.popLast() {
            let relatives = links.values.filter { link in
                link.masterIndex == next || link.parentIndex == next
                    || links[next]?.masterIndex == link.index
                    || links[next]?.parentIndex == link.index
            }
            for link in relatives where found.insert(link.index).inserted {
                waiting.append(link.index)
            }
        }
        return found.sorted().compactMap { links[$0] }
    }

    private static func matches(_ name: String, _ pattern: String) -> Bool {
        pattern.hasSuffix("*") ? name.hasPrefix(pattern.dropLast()) : name == pattern
    }
}
