import Foundation
import LinuxSystem
import Netlink
import NodeCore
import NodeSurvey
import Testing

extension LinkTests {
    /// The link guard beside the real NetworkManager.
    @Suite(
        .enabled(
            if: NetworkManagerLab.isThere || RouteRights.areDemanded,
            "needs network-manager and dbus: make test-deps"))
    struct NetworkManagerTests {
        private static let profiles = [
            "kept": """
            [connection]
            id=kept
            uuid=5f4a3b1e-5f57-4c5b-8a2a-000000000001
            type=ethernet
            interface-name=kept0
            [ipv4]
            method=manual
            address1=10.95.5.1/24
            [ipv6]
            method=disabled
            """,
            "bridge": """
            [connection]
            id=bridge
            uuid=5f4a3b1e-5f57-4c5b-8a2a-000000000002
            type=bridge
            interface-name=brm0
            [bridge]
            stp=false
            [ipv4]
            method=disabled
            [ipv6]
            method=disabled
            """,
            "port": """
            [connection]
            id=port
            uuid=5f4a3b1e-5f57-4c5b-8a2a-000000000003
            type=ethernet
            interface-name=port0
            master=brm0
            slave-type=bridge
            """,
        ]

        private func links() throws -> [String: LinkEvidence] {
            let links = try LinkReader.links(through: NetlinkSocket.connected())
            return Dictionary(uniqueKeysWithValues: links.map { ($0.name, $0) })
        }

        private func reason(
            _ gate: LinkGate, _ name: String, _ operation: LinkOperation = .setDown
        ) throws -> LinkRefusal.Reason? {
            let socket = try NetlinkSocket.connected()
            do throws(LinkGateError) {
                _ = try gate.permit(operation, of: name, through: socket)
                return nil
            } catch {
                guard case .refused(let refusal) = error else { throw error }
                return refusal.reason
            }
        }

        /// Three pairs and a bridge here; a link there with the index of a managed one here.
        private func build(_ names: [String]) throws {
            for (name, index) in [("kept", 60), ("port", 62), ("free", 64)] {
                try shell(
                    "ip", "link", "add", "\(name)0", "index", "\(index)", "type", "veth", "peer",
                    "name", "far-\(name)")
                try shell("ip", "link", "set", "far-\(name)", "up")
            }
            try shell("ip", "link", "add", "freebr", "index", "70", "type", "bridge")
            try shell(
                "ip", "-n", names[1], "link", "add", "kept0", "index", "60", "type", "bridge")
        }

        private func withNetworkManager(
            _ body: (NetworkManagerLab, [String]) throws -> Void
        ) throws {
            try LinkLab.run(2) { names in
                try build(names)
                let lab = try NetworkManagerLab(
                    profiles: Self.profiles, unmanaged: "interface-name:free*;interface-name:far-*")
                defer { lab.end() }
                try lab.waitUntil("NetworkManager has set up its links") {
                    let links = try links()
                    return try links["port0"]?.masterIndex == links["brm0"]?.index
                        && links["brm0"] != nil
                        && shell("ip", "address", "show", "kept0").contains("10.95.5.1/24")
                }
                try body(lab, names)
            }
        }

        @Test func `What it manages is refused, what it leaves alone is changed`() throws {
            try withNetworkManager { lab, _ in
                let inode = try NetworkNamespace.current().inode
                let traces = NetworkManagerSurvey().traces(inNamespace: inode)
                #expect(traces.isAlive && traces.sharesNamespace == true)
                #expect(traces.version?.split(separator: ".").count == 3)
                let devices = try #require(traces.devices)
                #expect(devices.contains(.init(interface: "kept0", isManaged: true)))
                #expect(devices.contains(.init(interface: "free0", isManaged: false)))
                let gate = LinkGate()
                #expect(try reason(gate, "kept0") == .managed)
                #expect(try reason(gate, "brm0", .delete) == .managed)
                #expect(try reason(gate, "port0") == .managed)
                let changes = try LabLinks(gate)
                #expect(throws: LinkGateError.self) { try changes.set("kept0", up: false) }
                #expect(throws: LinkGateError.self) { try changes.delete("brm0") }
                try changes.set("free0", up: true)
                try changes.delete("freebr")
                let links = try links()
                #expect(links["kept0"]?.isUp == true && links["brm0"] != nil)
                #expect(links["free0"]?.isUp == true && links["freebr"] == nil)
                #expect(try shell("ip", "address", "show", "kept0").contains("10.95.5.1/24"))
                let standing = try gate.report().links.first { $0.name == "kept0" }
                #expect(standing?.source == .bus && standing?.reason == .managed)
                #expect(gate.refusals.map(\.count).reduce(0, +) == 5)
                // It lets go of one: from that moment on it is free.
                try lab.nmcli("device", "set", "kept0", "managed", "no")
                #expect(try reason(gate, "kept0") == nil)
            }
        }

        @Test func `Its files say the same where its bus is out of reach`() throws {
            try withNetworkManager { lab, names in
                let gate = LinkGate(survey: .init(busPath: "/nonexistent"))
                #expect(try reason(gate, "kept0") == .managed)
                #expect(try reason(gate, "brm0") == .managed)
                #expect(try reason(gate, "port0") == .managed)
                #expect(try reason(gate, "free0") == nil)
                let standings = try gate.report().links
                #expect(standings.first { $0.name == "kept0" }?.source == .deviceFile)
                #expect(standings.first { $0.name == "free0" }?.source == .configuration)
                #expect(try gate.report().findings.map(\.code).contains("link-unknown") == false)
                // The same index and name in another namespace is another link.
                try LinkLab.enter(names[1])
                #expect(try reason(gate, "kept0") == nil)
                try LinkLab.enter(names[0])
                lab.end()
                #expect(try reason(gate, "kept0") == nil)
            }
        }
    }
}
