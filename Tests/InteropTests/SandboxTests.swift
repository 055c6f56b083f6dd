internal import Foundation
internal import TestSupport
internal import Testing

extension Interop {
    /// The daemon does nothing that its unit forbids.
    @Suite struct SandboxTests {
        @Test func `The unit's filter lets every call through that the daemon makes`() async throws
        {
            try await withLab { lab in
                let unit = try Unit()
                let network = try OneGateway(in: lab)
                try await network.bird.start()
                let daemon = try GatewatchDaemon(
                    in: lab,
                    configuration: """
                        namespace: \(network.node.name)
                        stop-hold: 100ms
                        realtime: {priority: 20, cpu: 0}
                        defaults:
                          desired-min-tx-interval: 50ms
                          required-min-rx-interval: 50ms
                          local-multiplier: 15
                        peers:
                          - {name: four, dest-addr: 10.9.1.1}
                          - {name: none, dest-addr: 10.9.1.77}
                        routes: [{prefix: 192.0.2.0/24, next-hops: [{peer: four}]}]
                        """)
                let trace = lab.folder.appending(path: "trace").path
                daemon.wrapper = ["strace", "-f", "-qq", "-s", "0", "-o", trace, "-I", "2"]
                try await daemon.start()
                let traced = try Command.run(["pgrep", "-P", "\(daemon.processIdentifier)"])
                    .split(separator: "\n").compactMap { Int32($0) }
                // Who watches goes with it, and not the other way round.
                defer { for process in traced { kill(process, SIGKILL) } }
                try await eventually("the session is up, under watch") {
                    try daemon.session("four").running.localState == "up"
                }
                _ = try daemon.doctor()
                _ = try daemon.routes()
                for process in traced { kill(process, SIGTERM) }
                try await eventually("it has ended") {
                    !FileManager.default.fileExists(
                        atPath: "/proc/\(daemon.processIdentifier)/exe")
                }

                let lines = try String(contentsOfFile: trace, encoding: .utf8)
                    .split(separator: "\n")
                // What comes before is the start of any program.
                let calls = Set(
                    lines.compactMap { line in
                        line.firstMatch(of: /^\d+ +([a-z0-9_]+)\(/)?.output.1
                    }.map(String.init))
                #expect(calls.contains("setns") && calls.contains("capset"), "\(calls)")
                #expect(calls.subtracting(unit.calls).subtracting(["execve"]) == [])
                let families = Set(
                    lines.compactMap { line in
                        line.firstMatch(of: /socket\((AF_[A-Z0-9]+),/)?.output.1
                    }.map(String.init))
                #expect(families.contains("AF_NETLINK"))
                #expect(families.subtracting(unit.families) == [])
            }
        }
    }

    /// What the unit allows, with systemd's groups spelled out.
    struct Unit {
        private(set) var calls: Set<String> = []
        private(set) var families: Set<String> = []

        init() throws {
            let file = URL(filePath: #filePath).deletingLastPathComponent()
                .deletingLastPathComponent().deletingLastPathComponent()
                .appending(path: "deploy/systemd/gatewatch.service")
            let groups = try Self.groups()
            for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
                if line.hasPrefix("RestrictAddressFamilies=") {
                    families = Set(
                        line.split(separator: "=")[1].split(separator: " ").map(String.init))
                }
                guard line.hasPrefix("SystemCallFilter=") else { continue }
                var names = line.dropFirst("SystemCallFilter=".count)
                let isDenied = names.hasPrefix("~")
                if isDenied { names = names.dropFirst() }
                for name in names.split(separator: " ").map(String.init) {
                    let meant = Self.members(name, groups)
                    if isDenied { calls.subtract(meant) } else { calls.formUnion(meant) }
                }
            }
            // systemd adds these to every list that allows.
            calls.formUnion(Self.members("@default", groups))
        }

        private static func members(_ name: String, _ groups: [String: [String]]) -> Set<String> {
            guard name.hasPrefix("@") else { return [name] }
            return (groups[name] ?? []).reduce(into: []) { $0.formUnion(members($1, groups)) }
        }

        private static func groups() throws -> [String: [String]] {
            var groups: [String: [String]] = [:]
            var current = ""
            for line in try Command.run(["systemd-analyze", "syscall-filter", "--no-pager"])
                .split(separator: "\n")
            {
                let text = line.trimmingCharacters(in: .whitespaces)
                if line.hasPrefix("@") {
                    current = text
                } else if !text.hasPrefix("#") {
                    groups[current, default: []].append(text)
                }
            }
            return groups
        }
    }
}
