/// How often the link guard refused a change for a reason.
public struct LinkRefusalCount: Sendable, Hashable {
    /// The last refusal of the kind.
    public var last: LinkRefusal
    /// How many there were since the start.
    public var count: UInt64

    /// A count by its parts.
    public init(last: LinkRefusal, count: UInt64) {
        self.last = last
        self.count = count
    }

    /// Whether another refusal counts here: the same change, refused for the same reason.
    public func covers(_ refusal: LinkRefusal) -> Bool {
        last.change == refusal.change && last.reason.name == refusal.reason.name
    }
}

/// A link, and why it is out of bounds for every change.
public struct LinkStanding: Sendable, Hashable {
    /// Its name.
    public let name: String
    /// Its kind as the kernel names it; nil for hardware.
    public let kind: String?
    /// Why no change is let pass; nil where changes are.
    public let reason: LinkRefusal.Reason?
    /// Who said whether NetworkManager manages it; nil where nobody did.
    public let source: NetworkManagerEvidence.Source?
}

/// What the link guard thinks of the links of one namespace.
public struct LinkReport: Sendable, Hashable {
    /// All links, in ascending order of index.
    public let links: [LinkStanding]
    /// What was refused, by change and reason.
    public let refusals: [LinkRefusalCount]
    /// What a restart of kube-ovn-cni does to the network cards here; nothing without Kube-OVN.
    public let kubeOVN: KubeOVNExposure
    /// What an operator should look at; a link that is merely managed is none of it.
    public let findings: [Finding]

    /// A report over the links, from the evidence that the guard was made of.
    public init(
        _ links: [LinkEvidence], _ networkManager: NetworkManagerEvidence,
        _ guardian: LinkGuard, protected patterns: [String], refusals: [LinkRefusalCount],
        kubeOVN version: ProgramVersion? = nil
    ) {
        self.links = links.map { link in
            LinkStanding(
                name: link.name, kind: link.kind, reason: guardian.reason(against: link),
                source: networkManager.sources[link.index])
        }
        self.refusals = refusals
        kubeOVN = KubeOVNExposure(links, networkManager, version: version)
        findings =
            refusals.map(Self.finding) + Self.unknown(self.links)
            + Self.unmatched(patterns, links) + kubeOVN.findings
    }

    private static func finding(_ refusal: LinkRefusalCount) -> Finding {
        let times = refusal.count == 1 ? "once" : "\(refusal.count) times, the last time"
        return Finding(
            code: "link-refused", cause: "\(times): \(refusal.last)",
            nextStep: refusal.last.nextStep)
    }

    private static func unknown(_ links: [LinkStanding]) -> [Finding] {
        let names = links.filter { $0.reason == .unknown }.map(\.name)
        guard !names.isEmpty else { return [] }
        return [
            Finding(
                code: "link-unknown",
                cause: "NetworkManager runs and says nothing of "
                    + "\(names.joined(separator: ", ")), so they count as its own",
                nextStep: "Let this process read /run/NetworkManager and the system bus of the "
                    + "host, or have NetworkManager say it: nmcli device status.")
        ]
    }

    /// A name without a star that no link has is most likely misspelt.
    private static func unmatched(_ patterns: [String], _ links: [LinkEvidence]) -> [Finding] {
        patterns.filter { pattern in
            !pattern.contains("*") && !pattern.contains("?")
                && !links.contains { $0.isNamed(NamePattern(pattern)) }
        }.map { pattern in
            Finding(
                code: "link-pattern",
                cause: "protected-links has \(pattern), and no link of this namespace is called so",
                nextStep: "\"ip link\" lists the names; take it out if the link is gone for good.")
        }
    }
}
