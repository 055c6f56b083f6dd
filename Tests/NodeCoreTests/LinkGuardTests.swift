import NodeCore
import Testing

/// What the link guard refuses, and what it lets pass.
@Suite struct LinkGuardTests {
    /// team0 over eth0 and eth1, a VLAN on it, that VLAN in a bridge; eth5 and lo stand apart.
    private static let links = [
        LinkEvidence(index: 1, name: "lo"),
        LinkEvidence(index: 2, name: "eth0", masterIndex: 10),
        LinkEvidence(index: 3, name: "eth1", masterIndex: 10),
        LinkEvidence(index: 5, name: "eth5"),
        LinkEvidence(index: 10, name: "team0", kind: "team"),
        LinkEvidence(index: 11, name: "team0.7", kind: "vlan", masterIndex: 12, parentIndex: 10),
        LinkEvidence(index: 12, name: "br7", kind: "bridge"),
        LinkEvidence(index: 20, name: "bond0", kind: "bond"),
        LinkEvidence(index: 21, name: "eth8", masterIndex: 20),
        LinkEvidence(index: 22, name: "bond0.9", kind: "vlan", parentIndex: 20),
    ]
    private static let words: [UInt32: NetworkManagerEvidence.Word] = [
        1: .unmanaged, 2: .unmanaged, 3: .unmanaged, 5: .unmanaged, 10: .managed, 11: .unmanaged,
        12: .unmanaged, 20: .managed, 21: .unmanaged, 22: .unmanaged,
    ]

    private static func guarding(
        alive isAlive: Bool = true, shares: Bool? = true,
        words: [UInt32: NetworkManagerEvidence.Word] = words, protected patterns: [String] = [],
        exempt: Set<String> = []
    ) -> LinkGuard {
        LinkGuard(
            links,
            NetworkManagerEvidence(isAlive: isAlive, sharesNamespace: shares, words: words),
            protected: patterns, exempt: exempt)
    }

    private static func reason(
        _ links: LinkGuard, _ index: UInt32, _ change: LinkChange = .setDown
    ) -> LinkRefusal.Reason? {
        do throws(LinkRefusal) {
            try links.check(change, index: index)
            return nil
        } catch {
            return error.reason
        }
    }

    @Test(arguments: LinkChange.allCases, [UInt32(2), 3, 10, 11, 12])
    func `A Team and all that hangs on it is refused every change but our own routes`(
        _ change: LinkChange, _ index: UInt32
    ) {
        let expected: LinkRefusal.Reason? = change == .changeOwnRoute ? nil : .team("team0")
        #expect(Self.reason(Self.guarding(), index, change) == expected)
    }

    @Test func `A bond, its port and its VLAN are refused`() {
        #expect(Self.reason(Self.guarding(), 20) == .managed)
        #expect(Self.reason(Self.guarding(), 21) == .related("bond0"))
        #expect(Self.reason(Self.guarding(), 22) == .related("bond0"))
    }

    @Test func `What NetworkManager leaves alone may be changed`() {
        #expect(Self.reason(Self.guarding(), 5) == nil)
    }

    @Test func `A link NetworkManager says nothing of counts as its own`() {
        #expect(Self.reason(Self.guarding(words: [:]), 5) == .unknown)
        #expect(Self.reason(Self.guarding(alive: false, words: [:]), 5) == nil)
    }

    @Test func `Equal indices in another namespace are other links`() {
        #expect(Self.reason(Self.guarding(shares: false), 10) == nil)
        #expect(Self.reason(Self.guarding(shares: nil), 10) == .team("team0"))
    }

    @Test func `Operators protect links of their own, also without NetworkManager`() {
        let links = Self.guarding(alive: false, protected: ["eth*"])
        #expect(Self.reason(links, 5) == .protectedByOperator(pattern: "eth*"))
        #expect(Self.reason(links, 20) == nil)
        #expect(Self.reason(Self.guarding(exempt: ["eth8"]), 21) == nil)
    }

    @Test func `A link that is not there is refused`() {
        #expect(Self.reason(Self.guarding(), 99) == .absent)
    }

    @Test func `Device files of NetworkManager are read as it means them`() {
        let managed = "[device]\nmanaged=true\nconnection-uuid=1-2\n"
        #expect(NetworkManagerEvidence.word(inDeviceFile: managed) == .managed)
        let refused = "[device]\nmanaged=false\n"
        #expect(NetworkManagerEvidence.word(inDeviceFile: refused) == .unmanaged)
        #expect(NetworkManagerEvidence.word(inDeviceFile: "[other]\nmanaged=true\n") == .unmanaged)
        #expect(NetworkManagerEvidence.word(inDeviceFile: "[device]\nnm-owned=true") == .unmanaged)
    }
}
