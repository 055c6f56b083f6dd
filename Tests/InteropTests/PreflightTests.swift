internal import Foundation
internal import TestSupport
internal import Testing

extension Interop {
    /// A node that is looked at before anything runs, by the command itself.
    @Suite struct PreflightTests {
        private struct Outcome {
            let status: Int32
            let report: DoctorReply
            let progress: String

            func check(_ name: String) throws -> DoctorReply.Check {
                try #require(report.checks.first { $0.name == name })
            }

            var codes: [String] { report.checks.flatMap(\.findings).map(\.code) }
        }

        private func run(
            _ arguments: [String], by wrapper: [String] = []
        ) throws -> Outcome {
            let command = [
                try BuiltProduct.path(of: "gatewatch"), "doctor", "--preflight", "--json",
            ]
            let result = try Command.result(wrapper + command + arguments)
            let report = try JSONDecoder().decode(DoctorReply.self, from: Data(result.output.utf8))
            return Outcome(status: result.status, report: report, progress: result.errors)
        }

        @Test func `Packets go both ways, the kernel's features are tried, nothing is left`()
            async throws
        {
            let outcome = try run(["--measure", "1s", "--namespace", "/proc/self/ns/net"])
            #expect(outcome.status == 0, "\(outcome.report)")
            #expect(try outcome.check("namespace").summary.contains("made, entered and taken away"))
            let packets = try outcome.check("packets").summary
            #expect(packets.contains("3 there and 3 back, TTL 255"), "\(packets)")
            #expect(packets.contains("receive stamps: on all 6"), "\(packets)")
            #expect(packets.contains("timerfd: fired"), "\(packets)")
            let routes = try outcome.check("routes").summary
            #expect(routes.contains("next-hop groups: made"), "\(routes)")
            #expect(routes.contains("resilient groups: "), "\(routes)")
            #expect(try outcome.check("lateness").summary.contains("µs late"))
            #expect(outcome.progress.contains("second 1 of 1"))
            #expect(try outcome.check("versions").summary.contains("Linux "))
            let left = try Command.run(["ip", "netns", "list"])
            #expect(!left.contains("gwpre-"), "\(left)")
        }

        @Test func `Without rights the system is at fault, and not ovnext`() async throws {
            let outcome = try run(
                ["--measure", "0s"],
                by: [
                    "setpriv", "--bounding-set", "-all", "--inh-caps", "-all", "--reuid", "65534",
                    "--clear-groups",
                ])
            #expect(outcome.status == 1)
            #expect(outcome.codes == ["preflight-namespace", "preflight-capabilities"])
            let finding = try #require(try outcome.check("namespace").findings.first)
            #expect(finding.cause.contains("not ovnext"))
        }

        @Test func `With a broken name the system is sound, and the name alone is at fault`()
            async throws
        {
            try await withLab { lab in
                let file = lab.folder.appending(path: "ovnext").path
                try "".write(toFile: file, atomically: true, encoding: .utf8)
                let outcome = try run(["--measure", "0s", "--namespace", file])
                #expect(outcome.status == 1)
                let check = try outcome.check("namespace")
                #expect(check.notes.contains { $0.contains("the system is sound") }, "\(check)")
                #expect(outcome.codes.allSatisfy { $0.hasPrefix("namespace-") })
            }
        }

        @Test func `Without links no packet goes, and that is told apart from the namespace`()
            async throws
        {
            let outcome = try run(
                ["--measure", "0s"],
                by: ["setpriv", "--bounding-set", "-net_admin", "--inh-caps", "-net_admin"])
            #expect(outcome.status == 1)
            #expect(outcome.codes.contains("preflight-capabilities"), "\(outcome.report)")
            #expect(outcome.codes.contains("preflight-packets"), "\(outcome.report)")
        }

        @Test func `Versions come from the tree that is given, with what is known of them`()
            async throws
        {
            try await withLab { lab in
                let logs = lab.folder.appending(path: "host/var/log/kube-ovn")
                try FileManager.default.createDirectory(
                    at: logs, withIntermediateDirectories: true)
                try "Kube-OVN:\n  Version:       v1.13.4\n".write(
                    to: logs.appending(path: "kube-ovn-cni.log"), atomically: true,
                    encoding: .utf8)
                let outcome = try run([
                    "--measure", "0s", "--root", lab.folder.appending(path: "host").path,
                    "--namespace", "/proc/self/ns/net",
                ])
                let check = try outcome.check("versions")
                #expect(check.summary == "Kube-OVN v1.13.4")
                #expect(check.notes.contains { $0.contains("in its own pod only") }, "\(check)")
            }
        }

        @Test func `Timers are judged: too fast here, below OVN, slower than thought`()
            async throws
        {
            try await withLab { lab in
                let file = lab.folder.appending(path: "gateways.yaml").path
                let text = """
                    defaults: {desired-min-tx-interval: 250us, required-min-rx-interval: 250us}
                    peers:
                      - {name: near, dest-addr: 10.9.0.1, local-multiplier: 1}
                    """
                try text.write(toFile: file, atomically: true, encoding: .utf8)
                let fast = try run(
                    ["--measure", "1s", "--config", file, "--namespace", "/proc/self/ns/net"])
                #expect(fast.codes == ["timers-too-fast"], "\(fast.report)")

                let both = try run([
                    "--measure", "0s", "--config", file, "--kube-ovn", "3/100/100",
                    "--namespace", "/proc/self/ns/net",
                ])
                #expect(
                    both.codes == [
                        "timers-below-ovn", "timers-slower-than-thought", "timers-mismatched",
                    ], "\(both.report)")

                let rows = lab.folder.appending(path: "rows").path
                try "dst_ip=10.9.0.10 detect_mult=3600000 min_tx=100 min_rx=100".write(
                    toFile: rows, atomically: true, encoding: .utf8)
                let row = try run(["--measure", "0s", "--ovn-bfd", rows])
                #expect(row.codes.contains("timers-multiplier"), "\(row.report)")

                let beacon = try run(["--measure", "0s", "--kube-ovn", "3/100/100"])
                let cause = try #require(
                    try beacon.check("timers").findings.first)
                #expect(cause.code == "timers-slower-than-thought")
                #expect(cause.evidence?.contains("= 3 s, not the 300 ms") == true, "\(cause)")
            }
        }
    }
}
