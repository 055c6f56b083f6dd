/// Stands in front of every change of a link: what NetworkManager manages is not ours to change.
///
/// It is the only one to grant a `LinkPermit`.
public struct LinkGuard: Sendable {
    private let links: [UInt32: LinkEvidence]
    private let families: [UInt32: [UInt32]]
    private let networkManager: NetworkManagerEvidence
    private let patterns: [NamePattern]
    private let exempt: Set<String>

    /// A guard over the links of one namespace.
    ///
    /// `protected` are names that operators add, see `NamePattern`; `exempt` are links that they
    /// give free by name.
    public init(
        _ links: [LinkEvidence], _ networkManager: NetworkManagerEvidence,
        protected patterns: [String] = [], exempt: Set<String> = []
    ) {
        self.links = Dictionary(
            links.map { ($0.index, $0) }, uniquingKeysWith: { first, _ in first })
        families = Self.families(of: self.links)
        self.networkManager = networkManager
        self.patterns = patterns.map(NamePattern.init)
        self.exempt = exempt
    }

    /// Grants a change of a link that is there, or throws why not.
    public func permit(
        _ operation: LinkOperation, of name: String
    ) throws(LinkRefusal) -> LinkPermit {
        if case .createPair(let one, let other) = operation {
            try checkNew(one.name)
            try checkNew(other.name)
            return LinkPermit(operation, index: 0, name: one.name)
        }
        let found = links.values.first { $0.name == name || $0.alternativeNames.contains(name) }
        guard let found else {
            throw LinkRefusal(link: name, change: operation.change, reason: .absent)
        }
        try check(operation.change, index: found.index)
        return LinkPermit(operation, index: found.index, name: found.name)
    }

    /// A link that is yet to be made touches nobody's, but may not take a name that is kept.
    private func checkNew(_ name: String) throws(LinkRefusal) {
        guard let pattern = patterns.first(where: { $0.matches(name) }) else { return }
        throw LinkRefusal(
            link: name, change: .create,
            reason: .protectedByOperator(pattern: pattern.description))
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
        if let pattern = patterns.first(where: link.isNamed) {
            return .protectedByOperator(pattern: pattern.description)
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
        if networkManager.words[link.index] == nil { return .unknown }
        return family.first { networkManager.words[$0.index] == nil }.map {
            .relatedUnknown($0.name)
        }
    }

    /// The link, and all that hang together with it as masters, ports, parents and VLANs.
    private func family(of index: UInt32) -> [LinkEvidence] {
        (families[index] ?? []).compactMap { links[$0] }
    }

    /// For each link the sorted indices of its family.
    private static func families(of links: [UInt32: LinkEvidence]) -> [UInt32: [UInt32]] {
        var relatives: [UInt32: [UInt32]] = [:]
        for link in links.values {
            for other in [link.masterIndex, link.parentIndex] {
                guard let other, links[other] != nil else { continue }
                relatives[link.index, default: []].append(other)
                relatives[other, default: []].append(link.index)
            }
        }
        var families: [UInt32: [UInt32]] = [:]
        for index in links.keys where families[index] == nil {
            var found: Set<UInt32> = [index]
            var waiting = [index]
            while let next = waiting.popLast() {
                for relative in relatives[next] ?? [] where found.insert(relative).inserted {
                    waiting.append(relative)
                }
            }
            let family = found.sorted()
            for member in family { families[member] = family }
        }
        return families
    }
}
