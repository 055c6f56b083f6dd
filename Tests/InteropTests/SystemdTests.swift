internal import Foundation
internal import TestSupport
internal import Testing

extension Interop {
    /// The unit of `deploy/`, less its walls, under systemd itself.
    @Suite(.enabled(if: UserManager.isPossible, "no control groups of version 2 can be made"))
    struct SystemdTests {
        private static let unit = "gatewatch.service"
        /// What a unit says of a process' life; its rights are looked at elsewhere.
        private static let keys: Set<String> = [
            "Type", "ExecStart", "ExecReload", "ExecStop", "Restart", "RestartSec",
            "RestartPreventExitStatus", "WatchdogSec", "FileDescriptorStoreMax", "TimeoutStopSec",
            "StartLimitIntervalSec", "StartLimitBurst",
        ]

        private let executable: String

        init() throws {
            executable = try BuiltProduct.path(of: "gatewatch")
        }

        private func unitText(_ configuration: URL) throws -> String {
            let file = URL(filePath: #filePath).deletingLastPathComponent()
                .deletingLastPathComponent().deletingLastPathComponent()
                .appending(path: "deploy/systemd/gatewatch.service")
            let lines = try String(contentsOf: file, encoding: .utf8)
                .replacing("@PREFIX@/bin/gatewatch", with: executable)
                .replacing("/etc/gatewatch/gatewatch.yaml", with: configuration.path)
                .split(separator: "\n")
            return lines.filter { line in
                line.hasPrefix("[") || Self.keys.contains(String(line.prefix { $0 != "=" }))
            }.joined(separator: "\n")
        }

        /// A daemon that the manager is to start, and a peer that waits half a minute for it.
        private func patientPair(_ lab: Lab) async throws -> (OneGateway, GatewatchDaemon) {
            let network = try OneGateway(
                in: lab, timers: PeerTimers(intervalMilliseconds: 300, multiplier: 100))
            try await network.bird.start()
            let daemon = try GatewatchDaemon(
                in: lab,
                configuration: """
                    stop-hold: 0s
                    defaults:
                      desired-min-tx-interval: 300ms
                      required-min-rx-interval: 300ms
                      local-multiplier: 100
                    peers:
                      - {name: four, dest-addr: 10.9.1.1, source-addr: 10.9.1.10}
                      - {name: six, dest-addr: "fd09:1::1", interface: uplink}
                    """)
            try daemon.rewrite(daemon.configuration)
            return (network, daemon)
        }

        /// Waits until the unit's process is another one, and has all that it needs.
        private func waitForService(
            _ manager: UserManager, _ daemon: GatewatchDaemon, after old: Int32? = nil
        ) async throws -> Int32 {
            let process = try await eventualValue("another process serves") { () -> Int32? in
                let unit = try manager.show(Self.unit)
                let isReady = unit["SubState"] == "running" && unit["NFileDescriptorStore"] == "6"
                return isReady && unit.mainProcess != old ? unit.mainProcess : nil
            }
            try await daemon.waitForAll("up")
            return process
        }

        private func kill9(_ process: Int32) throws {
            try Command.run(["kill", "-KILL", "\(process)"])
        }

        @Test func `Killed, handed over, killed again and stopped: the unit keeps up with it`()
            async throws
        {
            try await withLab { lab in
                let (network, daemon) = try await patientPair(lab)
                let manager = try await UserManager(in: lab, network.node)
                defer { manager.remove() }
                try manager.install(Self.unit, unitText(daemon.file))
                try manager.control("start", Self.unit)
                let first = try await waitForService(manager, daemon)
                try await network.bird.waitForAll("up")
                let capture = try await Capture(in: lab, network.node, interfaces: ["uplink"])

                try kill9(first)
                let second = try await waitForService(manager, daemon, after: first)
                #expect(try manager.show(Self.unit)["NRestarts"] == "1")

                let third = try await handOver(lab, manager, daemon, from: second)
                // It is no child of the manager, and yet there is another one when it has died.
                try kill9(third.identifier)
                let fourth = try await waitForService(manager, daemon, after: third.identifier)
                #expect(try manager.show(Self.unit)["NRestarts"] == "2")
                try await capture.stop()
                let packets = try capture.packets()
                #expect(!packets.isEmpty && packets.allSatisfy { $0.state == 3 }, "\(packets)")
                #expect(try daemon.status().sessions.allSatisfy { $0.statistics.downCount == 0 })

                // Who is told has no more than a second then to wait for.
                try daemon.rewrite("local-multiplier: 100", to: "local-multiplier: 3")
                try await daemon.waitForApplied(2)
                let last = try await handOver(lab, manager, daemon, from: fourth)
                try manager.control("stop", Self.unit)
                let unit = try manager.show(Self.unit)
                #expect(unit["ActiveState"] == "inactive" && unit["Result"] == "success", "\(unit)")
                #expect(unit["NFileDescriptorStore"] == "0", "\(unit)")
                // In good order: it was given the time to tell its peer.
                try await last.waitForEnd()
                #expect(last.output.contains("info: stopped"), "\(last.output)")
            }
        }

        /// Has a process that somebody starts by hand take over, and looks at it as the unit's.
        private func handOver(
            _ lab: Lab, _ manager: UserManager, _ daemon: GatewatchDaemon, from old: Int32
        ) async throws -> RunningProcess {
            let process = try lab.start(
                "handover", manager.entrance + [executable, "handover", daemon.file.path])
            let new = try await waitForService(manager, daemon, after: old)
            #expect(new == process.identifier)
            let groups = try String(contentsOfFile: "/proc/\(new)/cgroup", encoding: .utf8)
            #expect(groups.contains("/\(Self.unit)\n"), "\(groups)")
            // It is heard as the unit's own: else the manager's watchdog would end it.
            let since = try manager.show(Self.unit)["WatchdogTimestampMonotonic"]
            try await eventually("a sign of life") {
                try manager.show(Self.unit)["WatchdogTimestampMonotonic"] != since
            }
            return process
        }
    }
}
