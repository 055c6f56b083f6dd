/// What a restart of kube-ovn-cni does to the network cards of this node.
///
/// At every start it takes the card of each provider network from NetworkManager (`Managed` =
/// false), moves its addresses to the OVS bridge, and sets it up again. NetworkManager answers the
/// first by deconfiguring the link and setting it down. What each version spares is known from its
/// source and issues; see `Exposure`.
public struct KubeOVNExposure: Sendable, Hashable {
    /// What happens to a card.
    public enum Exposure: Sendable, Hashable {
        /// Nothing: NetworkManager does not run, or it leaves the card alone already.
        case none
        /// Taken from NetworkManager: down and up again, its addresses moved.
        case seized
        /// A Team is taken from NetworkManager, which stops its teamd: it stays down (#4622).
        case teamStopped
        /// Either of both, as the version is not known: since 1.14 a Team is spared (#4627).
        case perhapsTeamStopped
        /// A Team is spared; only where names of cards and bridges are exchanged, it is still set
        /// down, renamed and set up.
        case teamSpared
        /// A bond is taken from NetworkManager, which takes it apart (#2983); no version spares it.
        case bondSplit
        /// Spared because of a VLAN on it that NetworkManager manages (#2986, since 1.12).
        case sparedForVLAN(String)
        /// Spared because NetworkManager is older than 1.6.
        case sparedForAge
        /// NetworkManager does not say whether it manages the card.
        case unknown
    }

    /// A card of a provider network.
    public struct Card: Sendable, Hashable {
        /// Its name.
        public let name: String
        /// What a restart does to it.
        public let exposure: Exposure
    }

    /// The cards of provider networks: those that are ports of an OVS bridge.
    public let cards: [Card]
    /// Other links that NetworkManager manages, which a restart does not touch.
    public let untouched: [String]
    private let version: ProgramVersion?

    /// Finds the cards among the links of the host's namespace.
    ///
    /// `version` is Kube-OVN's, nil when it is not known.
    public init(
        _ links: [LinkEvidence], _ networkManager: NetworkManagerEvidence,
        version: ProgramVersion? = nil
    ) {
        self.version = version
        let ports = links.filter(Self.isCard)
        cards = ports.map { link in
            Card(
                name: link.name,
                exposure: Self.exposure(link, links, networkManager, version))
        }
        untouched =
            networkManager.sharesNamespace == false
            ? []
            : links.filter { link in
                networkManager.words[link.index] == .managed && !ports.contains(link)
            }.map(\.name)
    }

    /// Ports of OVS bridges that are no pod's and not OVS's own.
    private static func isCard(_ link: LinkEvidence) -> Bool {
        link.portKind == "openvswitch"
            && (link.kind.map { ["bond", "team", "vlan", "macvlan"].contains($0) } ?? true)
    }

    private static func exposure(
        _ link: LinkEvidence, _ links: [LinkEvidence], _ networkManager: NetworkManagerEvidence,
        _ version: ProgramVersion?
    ) -> Exposure {
        guard networkManager.isAlive, networkManager.sharesNamespace != false else { return .none }
        guard let word = networkManager.words[link.index] else { return .unknown }
        guard word == .managed else { return .none }
        if let its = networkManager.version.flatMap(ProgramVersion.init), its < Self.nm16 {
            return .sparedForAge
        }
        let vlan = links.first { other in
            other.kind == "vlan" && other.parentIndex == link.index
                && networkManager.words[other.index] == .managed
        }
        if let vlan, version.map({ $0 >= Self.vlanFix }) ?? true {
            return .sparedForVLAN(vlan.name)
        }
        switch link.kind {
        case "team":
            guard let version else { return .perhapsTeamStopped }
            if version >= Self.teamFix { return .teamSpared }
            return version > Self.teamReport ? .perhapsTeamStopped : .teamStopped
        case "bond": return .bondSplit
        default: return .seized
        }
    }

    private static let nm16 = ProgramVersion(1, 6)
    private static let vlanFix = ProgramVersion(1, 12)
    /// #4622 was seen with 1.13.0; the repair was made after it and taken back to older branches.
    private static let teamReport = ProgramVersion(1, 13)
    private static let teamFix = ProgramVersion(1, 14)

    /// A finding for each card that a restart would touch.
    public var findings: [Finding] { cards.compactMap(finding) }

    private func finding(_ card: Card) -> Finding? {
        let name = card.name
        let running = version.map { "Kube-OVN \($0)" } ?? "Kube-OVN"
        switch card.exposure {
        case .none, .sparedForVLAN, .sparedForAge: return nil
        case .seized:
            return Finding(
                code: "kube-ovn-card",
                cause: "NetworkManager manages \(name), a card of a provider network: each restart "
                    + "of kube-ovn-cni takes it away, which sets it down and moves its addresses",
                nextStep: "Restart kube-ovn-cni on this node only when \(name) may be down for "
                    + "seconds, or give \(name) to Kube-OVN for good: \(Self.release(name))")
        case .teamStopped, .perhapsTeamStopped:
            let verb = card.exposure == .teamStopped ? "stops" : "may stop"
            return Finding(
                code: "kube-ovn-team",
                cause: "NetworkManager manages Team \(name), a card of a provider network: a "
                    + "restart of kube-ovn-cni \(verb) its teamd, and it stays down (#4622); "
                    + "1.13.0 and older do so, 1.14 and newer do not",
                nextStep: "Do not restart \(running) on this node before it is 1.14 or newer, or "
                    + "a 1.12 or 1.13 whose notes name #4627. Never set \(name) unmanaged by hand; "
                    + "when it is down: nmcli connection up \(name)")
        case .teamSpared:
            return Finding(
                code: "kube-ovn-team-names",
                cause: "NetworkManager manages Team \(name); \(running) leaves it alone (#4627), "
                    + "unless its provider network has exchangeLinkName: then a restart sets the "
                    + "Team down and renames it",
                nextStep: "See that exchangeLinkName is false: kubectl get provider-networks "
                    + "--output yaml")
        case .bondSplit:
            return Finding(
                code: "kube-ovn-bond",
                cause: "NetworkManager manages bond \(name), a card of a provider network: a "
                    + "restart of kube-ovn-cni takes it away, which can take the bond apart "
                    + "(#2983); no version of Kube-OVN spares bonds",
                nextStep: "Keep a console at hand before restarting kube-ovn-cni, or set the bond "
                    + "up outside NetworkManager: \(Self.release(name))")
        case .unknown:
            return Finding(
                code: "kube-ovn-unknown",
                cause: "NetworkManager runs and does not say whether it manages \(name), a card "
                    + "of a provider network",
                nextStep: "\"nmcli device status\" tells; managed means that a restart of "
                    + "kube-ovn-cni takes it away from NetworkManager.")
        }
    }

    private static func release(_ name: String) -> String {
        "unmanaged-devices=interface-name:\(name) below [keyfile] in a file of "
            + "/etc/NetworkManager/conf.d, in force after a reboot."
    }
}

extension ProgramVersion {
    fileprivate init(_ numbers: Int...) {
        self.numbers = numbers
    }
}
