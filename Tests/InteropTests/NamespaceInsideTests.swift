internal import Foundation
internal import LinuxSystem
internal import Synchronization
internal import TestSupport
internal import Testing

extension Interop {
    /// What is wrong inside a namespace that can be entered: forms I to O, each built for real but
    /// for the part of OVN.
    @Suite struct NamespaceInsideTests {
        /// Kube-OVN's port as a cable to another namespace, whole but for the daemon.
        private static let wired = """
            $G namespace ensure $N >&2; $G namespace ensure $N-far >&2
            near ip link set dev lo up
            near ip link add ovnext0 type veth peer name far netns $N-far
            near ip address add 10.9.0.10/24 dev ovnext0; near ip link set dev ovnext0 up
            far ip address add 10.9.0.1/24 dev far; far ip link set dev far up
            near ip route add default via 10.9.0.1
            port() { show --interface ovnext0 "$@"; }

            """

        private func causes(_ script: String) async throws -> [FormLab.Verdict] {
            try await withLab { lab in try FormLab.verdicts(in: lab, Self.wired + script) }
        }

        @Test func `I: down, unplugged, the wrong address, gateway, MAC or MTU, and lo down`()
            async throws
        {
            let found = try await causes(
                """
                near ip link set dev ovnext0 down; near ip address flush dev ovnext0
                near ip link set dev lo down; port
                near ip link set dev lo up; near ip link set dev ovnext0 up
                near ip address add 10.9.0.99/24 dev ovnext0; near ip route add default via 10.9.0.1
                port --address 10.9.0.10/24; port --gateway 10.9.0.254
                port --mac 00:00:5e:00:53:01 --mtu 1400
                far ip link set dev far down; sleep 1.5; port
                """)
            #expect(found.map(\.code) == Array(repeating: "namespace-I", count: 5))
            let words = [
                "it is down, it has no address, lo is down, so nobody reaches a daemon at "
                    + "127.0.0.1, no default route leaves by it",
                "it has 10.9.0.99/24 and not 10.9.0.10/24",
                "no default route leads to 10.9.0.254 but to 10.9.0.1", "its MTU is 1500, not 1400",
                "it has no carrier",
            ]
            for (verdict, words) in zip(found, words) {
                #expect(verdict.cause.contains(words), "\(verdict.cause)")
            }
            #expect(found[3].cause.contains("not 00:00:5e:00:53:01"))
        }

        /// The replies are those of ovsdb-server 3.1.0, recorded: whether a port is bound only
        /// ovn-controller can say, which needs a whole OVN.
        @Test func `J, H: what the database of Open vSwitch says of the port`() async throws {
            try await withLab { lab in
                let replies = [
                    #"{"ofport":3,"external_ids":["map",[["iface-id","node-1"],"#
                        + #"["ip","10.9.0.10"]]],"error":["set",[]]}"#,
                    #"{"ofport":3,"external_ids":["map",[["iface-id","node-2"],["ip","10.9.0.10"],"#
                        + #"["ovn-installed","true"]]],"error":["set",[]]}"#,
                    #"{"ofport":3,"external_ids":["map",[["iface-id","node-1"],["ip","10.9.0.11"],"#
                        + #"["ovn-installed","true"]]],"error":["set",[]]}"#,
                    #"{"ofport":-1,"external_ids":["map",[]],"#
                        + #""error":"could not open network device ovnext0 (File exists)"}"#,
                    "",
                ]
                let database = try RecordedDatabase(
                    lab.folder.appending(path: "db.sock").path, replies)
                defer { withExtendedLifetime(database) {} }
                let found = try FormLab.verdicts(
                    in: lab,
                    Self.wired + """
                        port --node node-1; port --node node-1; port --node node-1
                        near ip link delete ovnext0; port; port
                        """)
                let codes = ["J", "J", "I", "H", "H"].map { "namespace-\($0)" }
                #expect(found.map(\.code) == codes)
                let words = [
                    "ovn-controller has not claimed it", "is node-2, not the node's name node-1",
                    "it has 10.9.0.10/24 and not 10.9.0.11", "(File exists)",
                    "Open vSwitch has no interface of that name",
                ]
                for (verdict, words) in zip(found, words) {
                    #expect(verdict.cause.contains(words), "\(verdict.cause)")
                }
            }
        }

        @Test func `K, L: the gateway does not answer ARP; it does, and nobody speaks BFD`()
            async throws
        {
            let found = try await causes(
                """
                far ip address flush dev far; port
                far ip address add 10.9.0.1/24 dev far; port
                run near --namespace $N --peer 10.9.0.1; ready near
                run far --namespace $N-far --peer 10.9.0.10; sleep 3; port
                """)
            #expect(found.map(\.code) == ["namespace-K", "namespace-L", "ok"])
            #expect(found.first?.cause.contains("10.9.0.1 does not answer") == true)
        }

        @Test func `M: somebody sends who is no peer; N: the peer sends nothing`() async throws {
            let found = try await causes(
                """
                run near --namespace $N --peer 10.9.0.1; ready near; port
                far ip address add 10.9.0.3/24 dev far
                run far --namespace $N-far --peer 10.9.0.10 --source 10.9.0.3; ready far; port
                """)
            #expect(found.map(\.code) == ["namespace-N", "namespace-M"])
            #expect(found.first?.cause.contains("10.9.0.1") == true)
            #expect(found.last?.cause.contains("10.9.0.3 sends BFD packets") == true)
        }

        @Test func `O: packets arrive from too far away, and are discarded`() async throws {
            let found = try await causes(
                """
                far nft add table ip t
                far nft add chain ip t out '{ type filter hook output priority 0 ; }'
                far nft add rule ip t out udp dport 3784 ip ttl set 253
                run near --namespace $N --peer 10.9.0.1; ready near
                run far --namespace $N-far --peer 10.9.0.10; ready far; sleep 2; port
                """)
            #expect(found.map(\.code) == ["namespace-O"])
            #expect(found.first?.cause.contains("ttl") == true, "\(found)")
        }
    }
}

/// Answers as ovsdb-server does, one recorded row after the other.
private final class RecordedDatabase: Sendable {
    private let isOver = Atomic(false)

    init(_ path: String, _ rows: [String]) throws {
        let listener = try UnixListener.listening(at: path, mode: 0o600)
        _ = try SystemThread.start(name: "database") { [weak self] in
            var rest = rows[...]
            while let isOver = self?.isOver.load(ordering: .acquiring), !isOver {
                let isAsked = DescriptorReadiness.waitUntilReadable(
                    listener.descriptor, milliseconds: 100)
                guard isAsked, let client = try? listener.accept() else { continue }
                var request: [UInt8] = []
                _ = DescriptorReadiness.waitUntilReadable(client.descriptor, milliseconds: 1_000)
                _ = try? client.read(appendingTo: &request, limit: 4_096)
                let row = rest.popFirst() ?? ""
                let reply = #"{"id":1,"result":[{"rows":["# + row + #"]}],"error":null}"#
                _ = try? client.write(Array(reply.utf8)[...])
            }
        }
    }

    deinit {
        isOver.store(true, ordering: .releasing)
    }
}
