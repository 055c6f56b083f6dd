import BFDCore
import Daemon
import Testing

/// `run` without a file.
@Suite struct FlagsTests {
    private func flags(_ change: (inout ConfigurationFlags) -> Void) -> ConfigurationReport {
        var flags = ConfigurationFlags()
        flags.peers = ["10.9.0.1", "10.9.0.2"]
        change(&flags)
        return flags.read()
    }

    @Test func `Options and a file with the same contents are one configuration`() {
        let report = flags {
            $0.namespace = "ovnext"
            $0.routes = ["0.0.0.0/0"]
            $0.interval = "50ms"
            $0.multiplier = "3"
            $0.table = "5880"
            $0.metric = "50"
            $0.socket = "/tmp/c.sock"
            $0.stopRoutes = "keep"
        }
        let file = Fixtures.read(
            text: """
                namespace: ovnext
                defaults:
                  desired-min-tx-interval: 50ms
                  required-min-rx-interval: 50ms
                  local-multiplier: 3
                peers: [{dest-addr: 10.9.0.1}, {dest-addr: 10.9.0.2}]
                routes:
                  - prefix: 0.0.0.0/0
                    table: 5880
                    metric: 50
                    next-hops: [{peer: 10.9.0.1}, {peer: 10.9.0.2}]
                control: {socket: /tmp/c.sock}
                stop-routes: keep
                """)
        #expect(report.problems.isEmpty)
        #expect(report.configuration != nil)
        #expect(report.configuration == file.configuration)
    }

    @Test func `A route takes the peers of its family`() throws {
        let report = flags {
            $0.peers = ["10.9.0.1", "2001:db8::1", "fe80::1%eth0"]
            $0.routes = ["0.0.0.0/0", "::/0"]
        }
        let routes = try #require(report.configuration?.routes)
        #expect(
            routes.map { $0.nextHops.map(\.peer) } == [
                ["10.9.0.1"], ["2001:db8::1", "fe80::1%eth0"],
            ])
    }

    @Test func `A route without a peer of its family is refused`() {
        let report = flags { $0.routes = ["::/0"] }
        #expect(
            report.lines == [
                "--route ::/0: error: no --peer is of its family, and a route leads over those "
                    + "that are"
            ])
    }

    @Test func `A route without any peer is one mistake, of the peers`() {
        let report = flags {
            $0.peers = []
            $0.routes = ["0.0.0.0/0"]
        }
        #expect(
            report.lines == ["--peer: error: at least one peer is needed, such as --peer 10.9.0.1"])
    }

    @Test func `All mistakes are reported under their options`() {
        let report = flags {
            $0.peers = ["10.9.0.1", "fe80::1", "gateway"]
            $0.interval = "50"
            $0.multiplier = "0"
            $0.routes = ["10.0.0.1/8"]
            $0.metric = "low"
            $0.logLevel = "loud"
        }
        let options = report.lines.compactMap { $0.split(separator: ": error:").first }
        #expect(
            Set(options) == [
                "--peer fe80::1", "--peer gateway", "--interval", "--multiplier",
                "--route 10.0.0.1/8", "--metric", "--log-level",
            ])
        #expect(report.errorCount == 7)
        #expect(report.configuration == nil)
    }

    @Test func `At least one peer is needed`() {
        let lines = ConfigurationFlags().read().lines
        #expect(lines == ["--peer: error: at least one peer is needed, such as --peer 10.9.0.1"])
        #expect(ConfigurationFlags().isEmpty)
    }

    @Test(arguments: ["", "%", "10.9.0.1%", "%eth0", "fe80::1%a/b"])
    func `A peer that is none is refused`(_ peer: String) {
        let report = flags { $0.peers = [peer] }
        #expect(report.errorCount > 0)
    }
}
