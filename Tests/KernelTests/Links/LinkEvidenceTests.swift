import Netlink
import NodeCore
import NodeSurvey
import Testing

extension LinkTests {
    /// Links of the real kernel as evidence.
    @Suite struct LinkEvidenceTests {
        private func links() throws -> [String: LinkEvidence] {
            let links = try LinkReader.links(through: NetlinkSocket.connected())
            #expect(links.map(\.index) == links.map(\.index).sorted())
            return Dictionary(uniqueKeysWithValues: links.map { ($0.name, $0) })
        }

        @Test func `Kinds, masters, parents, names and addresses are told`() throws {
            try LinkLab.run(1) { _ in
                try shell("ip", "link", "add", "br0", "type", "bridge")
                try shell(
                    "ip", "link", "add", "v0", "address", "02:00:00:00:00:07", "type", "veth",
                    "peer", "name", "v1")
                try shell("ip", "link", "set", "v0", "master", "br0", "up")
                try shell("ip", "link", "property", "add", "dev", "v0", "altname", "uplink")
                try shell("ip", "link", "property", "add", "dev", "v0", "altname", "enp1s0")
                try shell("ip", "link", "add", "mv0", "link", "v1", "type", "macvlan")
                let links = try links()
                let (bridge, port) = (try #require(links["br0"]), try #require(links["v0"]))
                let far = try #require(links["v1"])
                #expect(bridge.kind == "bridge" && bridge.masterIndex == nil && !bridge.isUp)
                #expect(port.kind == "veth" && port.portKind == "bridge")
                #expect(port.masterIndex == bridge.index && port.isUp)
                // The other end of a pair is no parent.
                #expect(port.parentIndex == nil && port.farNamespaceID == nil)
                #expect(Set(port.alternativeNames) == ["uplink", "enp1s0"])
                #expect(port.hardwareAddress == [2, 0, 0, 0, 0, 7])
                #expect(links["mv0"]?.parentIndex == far.index)
                #expect(links["lo"]?.kind == nil && links["lo"]?.parentIndex == nil)
            }
        }

        @Test func `Equal indices in two namespaces are kept apart`() throws {
            try LinkLab.run(2) { names in
                // Both namespaces have a link 100; the one here carries a link that lies there.
                try shell("ip", "link", "add", "base", "index", "100", "type", "bridge")
                try shell(
                    "ip", "-n", names[1], "link", "add", "other", "index", "100", "type", "bridge")
                try shell(
                    "ip", "link", "add", "leaf", "index", "200", "link", "base", "netns", names[1],
                    "type", "macvlan")
                try LinkLab.enter(names[1])
                let there = try links()
                let (leaf, other) = (try #require(there["leaf"]), try #require(there["other"]))
                #expect(leaf.index == 200 && other.index == 100)
                #expect(leaf.parentIndex == nil)
                #expect(leaf.farNamespaceID != nil)
                // NetworkManager manages "other": nothing that "leaf" hangs on.
                let words: [UInt32: NetworkManagerEvidence.Word] = [
                    1: .unmanaged, 100: .managed, 200: .unmanaged,
                ]
                let evidence = NetworkManagerEvidence(
                    isAlive: true, sharesNamespace: true, words: words)
                let guardian = LinkGuard(Array(there.values), evidence)
                #expect(guardian.reason(against: leaf) == nil)
                #expect(guardian.reason(against: other) == .managed)
            }
        }
    }
}
