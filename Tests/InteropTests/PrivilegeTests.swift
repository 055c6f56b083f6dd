internal import Foundation
internal import TestSupport
internal import Testing

extension Interop {
    /// What the daemon may do once it runs, and what it does with little.
    @Suite struct PrivilegeTests {
        private static let netAdmin: UInt64 = 1 << 12
        private static let netRaw: UInt64 = 1 << 13
        private static let ipcLock: UInt64 = 1 << 14
        private static let sysPtrace: UInt64 = 1 << 19
        private static let sysAdmin: UInt64 = 1 << 21

        /// Of all threads but the one that serves clients, which has none.
        private func capabilities(_ daemon: GatewatchDaemon, _ name: String) throws -> Set<UInt64> {
            let found = try daemon.processStatus(name).compactMap { UInt64($0, radix: 16) }
            let serving = try zip(found, daemon.processStatus("Name")).filter {
                $1.hasPrefix("NIO")
            }
            #expect(serving.count == 1)
            if name == "CapEff" || name == "CapPrm" { #expect(serving.allSatisfy { $0.0 == 0 }) }
            return Set(
                try zip(found, daemon.processStatus("Name")).filter {
                    !$1.hasPrefix("NIO")
                }.map(\.0))
        }

        @Test func `No thread keeps a right that no feature needs`() async throws {
            try await withLab { lab in
                let network = try OneGateway(in: lab)
                try await network.bird.start()
                let daemon = try GatewatchDaemon(
                    in: lab,
                    configuration: """
                        namespace: \(network.node.name)
                        stop-hold: 0s
                        realtime: {priority: 20, lock-memory: false, threads: 2}
                        peers: [{name: four, dest-addr: 10.9.1.1}]
                        routes: [{prefix: 192.0.2.0/24, next-hops: [{peer: four}]}]
                        """)
                try await daemon.start()
                try await eventually("the session is up") {
                    try daemon.session("four").running.localState == "up"
                }
                #expect(try daemon.processStatus("Name").count >= 4)
                let inForce = Self.netAdmin | Self.netRaw
                let held = inForce | Self.sysAdmin | Self.sysPtrace
                #expect(try capabilities(daemon, "CapEff") == [inForce])
                #expect(try capabilities(daemon, "CapPrm") == [held])
                #expect(try capabilities(daemon, "CapBnd") == [held])
                for name in ["CapInh", "CapAmb"] {
                    #expect(try capabilities(daemon, name) == [0])
                }
                #expect(Set(try daemon.processStatus("NoNewPrivs")) == ["1"])
                let shown = try daemon.command("status", "--privileges")
                for text in ["CAP_NET_ADMIN", "always", "when used", "CAP_SYS_ADMIN", "user 0"] {
                    #expect(shown.contains(text), "\(shown)")
                }
                // Rights that were only needed at the start were used.
                let policies = try Command.run([
                    "ps", "-L", "-o", "cls=", "-p", "\(daemon.processIdentifier)",
                ])
                #expect(policies.split(separator: "\n").count { $0.contains("FF") } == 3)
            }
        }

        @Test func `Without routes and namespace next to nothing is kept`() async throws {
            try await withLab { lab in
                let network = try OneGateway(in: lab)
                let daemon = try GatewatchDaemon(
                    in: lab,
                    configuration: """
                        stop-hold: 0s
                        realtime: {lock-memory: false}
                        peers: [{name: four, dest-addr: 10.9.1.1}]
                        """)
                daemon.wrapper = ["nsenter", "--net=\(network.node.path)"]
                try await daemon.start()
                #expect(try capabilities(daemon, "CapEff") == [Self.netRaw])
                #expect(try capabilities(daemon, "CapPrm") == [Self.netRaw | Self.sysPtrace])
            }
        }

        @Test(arguments: [GatewayPod.Rights.ofTheFile, .ambient])
        func `It runs as Kube-OVN's gateway pods run it, and says once what it has to do without`(
            _ rights: GatewayPod.Rights
        ) async throws {
            try await withLab { lab in
                let network = try OneGateway(
                    in: lab, timers: PeerTimers(intervalMilliseconds: 100))
                try await network.bird.start()
                let pod = try GatewayPod(in: lab, network.node, rights: rights)
                defer { pod.remove() }
                let daemon = try pod.daemon(
                    """
                    stop-hold: 500ms
                    realtime: {priority: 50}
                    defaults:
                      desired-min-tx-interval: 100ms
                      required-min-rx-interval: 100ms
                      local-multiplier: 15
                    peers:
                      - {name: four, dest-addr: 10.9.1.1, source-addr: 10.9.1.10}
                      - {name: six, dest-addr: "fd09:1::1", interface: uplink}
                    routes:
                      - {prefix: 0.0.0.0/0, metric: 50, next-hops: [{peer: four}]}
                    """)
                try await daemon.start()
                try await eventually("both sessions are up, and the route is there") {
                    try daemon.status().sessions.allSatisfy { $0.running.localState == "up" }
                        && network.node.run("ip", "route").contains("default nhid")
                }
                try await Task.sleep(for: .seconds(2))
                #expect(try daemon.events().count { $0.oldState == "up" } == 0)

                let privileges = try #require(try daemon.status().privileges)
                #expect(privileges.userID == 65_534)
                #expect(privileges.kept.map(\.capability) == ["CAP_NET_ADMIN", "CAP_NET_RAW"])
                #expect(
                    Set(try daemon.processStatus("Uid")) == [
                        Array(repeating: "65534", count: 4)
                            .joined(separator: "\t")
                    ])
                let inForce = Self.netAdmin | Self.netRaw
                for name in ["CapEff", "CapPrm"] {
                    #expect(try capabilities(daemon, name) == [inForce])
                }
                for refusal in ["running without mlockall", "running without SCHED_FIFO 50"] {
                    let lines = daemon.output.split(separator: "\n").filter {
                        $0.contains(refusal)
                    }
                    #expect(lines.count == 1, "\(daemon.output)")
                }
                #expect(pod.group.missing == [] || ProcessInfo.processInfo.environment["CI"] == nil)
                print(
                    "as a gateway pod: \(try daemon.processStatus("VmRSS")[0]) resident, peak of "
                        + "the group \((pod.group.peakMemory ?? 0) >> 20) MiB of 64")

                #expect(try await daemon.terminate() == 0)
                #expect(try !network.node.run("ip", "route").contains("default nhid"))
            }
        }
    }
}

/// A place to run the daemon in like a container of Kube-OVN's gateway pods: a root nobody can
/// write to, user 65534, three capabilities, no real-time priority, 300m and 64 MiB.
final class GatewayPod {
    /// How a user who is not root comes to have capabilities.
    enum Rights: Sendable {
        /// From the executable, as in Kubernetes.
        case ofTheFile
        /// From who starts it, as with systemd; nothing can gain any then.
        case ambient
    }

    let group: ControlGroup
    private let lab: Lab
    private let node: Namespace
    private let rights: Rights
    let executable: String

    init(in lab: Lab, _ node: Namespace, rights: Rights) throws {
        self.lab = lab
        self.node = node
        self.rights = rights
        group = try ControlGroup(in: lab, memory: 64 << 20, processor: 30)
        executable = lab.folder.appending(path: "gatewatch").path
        try BuiltProduct.linkStatically(to: executable)
        if rights == .ofTheFile {
            try Command.run([
                "setcap", "cap_net_admin,cap_net_bind_service,cap_net_raw=ep", executable,
            ])
        }
    }

    /// The daemon; its own folder is all it can write to.
    func daemon(_ configuration: String) throws -> GatewatchDaemon {
        let daemon = try GatewatchDaemon(
            in: lab, configuration: configuration, executable: executable)
        daemon.wrapper = wrapper(writing: daemon.folder.path)
        return daemon
    }

    /// What stands before a command that runs in it; the folder is all that it can write to.
    func wrapper(writing folder: String) -> [String] {
        let capabilities = "-all,+net_admin,+net_bind_service,+net_raw"
        let given =
            switch rights {
            case .ofTheFile: "--inh-caps=-all"
            case .ambient:
                "--inh-caps=\(capabilities) --ambient-caps=\(capabilities) --no-new-privs"
            }
        let script = """
            folder=$1
            shift
            chown 65534 "$folder"
            for door in \(group.doors.joined(separator: " ")); do echo $$ >"$door"; done
            mount --bind "$folder" "$folder"
            mount -o remount,bind,ro /
            exec prlimit --memlock=65536:65536 --nofile=4096:4096 --rtprio=0:0 -- \
            setpriv --reuid=65534 --regid=65534 --clear-groups \
            --bounding-set=\(capabilities) \(given) -- "$@"
            """
        return [
            "nsenter", "--net=\(node.path)", "unshare", "--mount", "--propagation=private",
            "sh", "-ec", script, "sh", folder,
        ]
    }

    /// Takes the limits away, and what is left of the daemon before.
    func remove() {
        lab.remove()
        group.remove()
    }
}
