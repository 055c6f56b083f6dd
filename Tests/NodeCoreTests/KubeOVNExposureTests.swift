import NodeCore
import Testing

/// Which network cards a restart of kube-ovn-cni touches.
@Suite struct KubeOVNExposureTests {
    private typealias Exposure = KubeOVNExposure.Exposure

    /// eth0 stands alone; a card of each kind is a port of OVS, as is a pod's link; vlan5 is on
    /// eth1, and OVS has links of its own.
    private static let links: [LinkEvidence] = {
        let ovs = LinkEvidence(index: 3, name: "ovs-system", kind: "openvswitch")
        let port = { (index: UInt32, name: String, kind: String?) in
            var link = LinkEvidence(index: index, name: name, kind: kind, masterIndex: 3)
            link.portKind = "openvswitch"
            return link
        }
        return [
            LinkEvidence(index: 2, name: "eth0"), ovs,
            LinkEvidence(index: 4, name: "br-provider", kind: "openvswitch"),
            port(10, "eth1", nil), port(11, "team0", "team"), port(12, "bond0", "bond"),
            port(13, "1a2b3c_h", "veth"),
            LinkEvidence(index: 14, name: "vlan5", kind: "vlan", parentIndex: 10),
        ]
    }()

    private static func exposures(
        _ words: [UInt32: NetworkManagerEvidence.Word], kubeOVN: String? = nil,
        networkManager: String? = "1.42.4", shares: Bool? = true
    ) -> KubeOVNExposure {
        var evidence = NetworkManagerEvidence(isAlive: true, sharesNamespace: shares, words: words)
        evidence.version = networkManager
        return KubeOVNExposure(links, evidence, version: kubeOVN.flatMap(ProgramVersion.init))
    }

    private static func exposure(
        _ name: String, _ words: [UInt32: NetworkManagerEvidence.Word], kubeOVN: String? = nil,
        networkManager: String? = "1.42.4"
    ) -> Exposure? {
        exposures(words, kubeOVN: kubeOVN, networkManager: networkManager)
            .cards.first { $0.name == name }?.exposure
    }

    private static let everything: [UInt32: NetworkManagerEvidence.Word] = [
        2: .managed, 10: .managed, 11: .managed, 12: .managed,
    ]

    @Test func `Cards are the ports of OVS that are no pod's`() {
        let found = Self.exposures(Self.everything, kubeOVN: "v1.13.0")
        #expect(found.cards.map(\.name) == ["eth1", "team0", "bond0"])
        #expect(found.cards.map(\.exposure) == [.seized, .teamStopped, .bondSplit])
        #expect(found.untouched == ["eth0"])
        #expect(found.findings.map(\.code) == ["kube-ovn-card", "kube-ovn-team", "kube-ovn-bond"])
    }

    @Test(
        arguments: [
            ("v1.12.20", .teamStopped), ("1.13.0", .teamStopped), ("v1.13.2", .perhapsTeamStopped),
            ("v1.14.0", .teamSpared), ("1.15.0-rc1", .teamSpared), (nil, .perhapsTeamStopped),
        ] as [(String?, KubeOVNExposure.Exposure)])
    func `A Team stays down after a restart, up to a version`(
        _ version: String?, _ expected: KubeOVNExposure.Exposure
    ) {
        #expect(Self.exposure("team0", Self.everything, kubeOVN: version) == expected)
    }

    @Test func `No version spares a bond`() {
        #expect(Self.exposure("bond0", Self.everything, kubeOVN: "v1.15.0") == .bondSplit)
    }

    @Test func `A managed VLAN keeps its card, since 1.12`() {
        let words = Self.everything.merging([14: .managed]) { $1 }
        #expect(Self.exposure("eth1", words, kubeOVN: "v1.12.0") == .sparedForVLAN("vlan5"))
        #expect(Self.exposure("eth1", words, kubeOVN: "v1.11.9") == .seized)
        #expect(Self.exposure("eth1", Self.everything.merging([14: .unmanaged]) { $1 }) == .seized)
    }

    @Test func `What NetworkManager leaves alone, or is too old for, is not touched`() {
        #expect(Self.exposure("team0", [11: .unmanaged]) == KubeOVNExposure.Exposure.none)
        #expect(Self.exposure("team0", Self.everything, networkManager: "1.4.9") == .sparedForAge)
        #expect(Self.exposure("team0", [:]) == .unknown)
        let elsewhere = Self.exposures(Self.everything, shares: false)
        #expect(elsewhere.cards.allSatisfy { $0.exposure == .none })
        #expect(elsewhere.findings.isEmpty && elsewhere.untouched.isEmpty)
    }

    @Test func `Every finding names its card and says what to do`() {
        for version in ["v1.13.0", "v1.14.0"] {
            let found = Self.exposures(Self.everything, kubeOVN: version)
            #expect(found.findings.count == found.cards.count)
            for (card, finding) in zip(found.cards, found.findings) {
                #expect(finding.cause.contains(card.name))
                #expect(finding.nextStep.contains(where: { $0 == "." || $0 == ":" }))
            }
        }
        #expect(Self.exposures([:]).findings.map(\.code).allSatisfy { $0 == "kube-ovn-unknown" })
    }

    @Test(
        arguments: [
            ("v1.13.2", [1, 13, 2]), ("1.42.4-1+deb12u1", [1, 42, 4]), ("1.6", [1, 6]),
            ("v1.15.0-rc1", [1, 15, 0]), ("master", nil), ("", nil), ("1..2", [1]),
        ] as [(String, [Int]?)])
    func `Versions are read by their numbers`(_ text: String, _ numbers: [Int]?) {
        #expect(ProgramVersion(text)?.numbers == numbers)
    }

    @Test func `Versions compare by their numbers`() throws {
        let order = try ["1.6", "1.6.1", "1.12", "v1.13.0", "1.13.0.1"].map {
            try #require(ProgramVersion($0))
        }
        for (one, other) in zip(order, order.dropFirst()) { #expect(one < other) }
        let (short, long) = (try #require(ProgramVersion("1.13")), order[3])
        #expect(!(short < long) && !(long < short))
    }
}
