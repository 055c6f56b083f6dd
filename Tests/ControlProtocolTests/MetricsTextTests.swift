import BFDCore
import ControlProtocol
import Testing

@Suite struct MetricsTextTests {
    private static let lateness = LatenessStatus(
        count: 3, sum: 30_000, median: 8_192, percentile99: 20_000, maximum: 20_000,
        buckets: [
            .init(upperBound: 8_192, count: 2), .init(upperBound: 16_384, count: 0),
            .init(upperBound: nil, count: 1),
        ])

    private func text(_ sessions: [SessionStatus], usesKubeOVNNames: Bool = false) -> String {
        var status = StatusReport(
            sessions: sessions, summary: SessionSummary(counting: sessions),
            discards: ["no_session": 2])
        status.punctuality = PunctualityStatus(
            receiveDropCount: 0, transmitLateness: Self.lateness,
            detectionOvershoot: Self.lateness)
        status.linkGuard = LinkGuardStatus(
            protectedLinks: [],
            refusals: [.init(change: "delete", reason: "team", count: 2, link: "x", cause: "y")])
        status.clients = ClientsStatus(count: 1, ended: ["idle": 4])
        var configuration = ConfigurationStatus(file: "gatewatch.yaml", since: Samples.time)
        configuration.appliedCount = 3
        configuration.refusedCount = 1
        configuration.errors = ["gatewatch.yaml:1:1: no"]
        configuration.needsRestart = ["namespace"]
        status.configuration = configuration
        status.isDrained = true
        var namespace = NamespaceStatus(path: "/run/netns/ovnext", inode: 1)
        namespace.code = "namespace-H"
        status.namespace = namespace
        var routes = RoutesReport(routes: [
            RouteStatus(
                prefix: "0.0.0.0/0", table: 254, metric: 50, state: .partial,
                nextHops: [
                    NextHopStatus(
                        peer: "tor-a", via: "10.9.0.1", interface: nil, weight: 1,
                        isWanted: true, isInstalled: false, reason: nil)
                ], error: nil)
        ])
        routes.changes = RouteChanges(counts: ["conflict": 1], duration: Self.lateness)
        let version = VersionReport(
            version: "0.1.0", processID: 1, startTime: Samples.time, namespace: nil)
        return MetricsText.text(
            version, status, routes,
            now: Timestamp(microseconds: Samples.time.microseconds + 90_000_000),
            usesKubeOVNNames: usesKubeOVNNames)
    }

    @Test(arguments: [
        #"gatewatch_build_info{version="0.1.0"} 1"#,
        #"gatewatch_sessions{state="up"} 1"#, #"gatewatch_sessions{state="init"} 0"#,
        #"gatewatch_session_up{peer="tor-a"} 1"#, #"gatewatch_session_state{peer="tor-a"} 3"#,
        #"gatewatch_session_downs_total{peer="tor-a"} 0"#,
        #"gatewatch_session_packets_sent_total{peer="tor-a"} 11"#,
        #"gatewatch_session_packets_discarded_total{peer="tor-a",reason="ttl_not_255"} 3"#,
        #"gatewatch_session_detection_time_seconds{peer="tor-a"} 0.15"#,
        #"gatewatch_packets_discarded_total{reason="no_session"} 2"#,
        #"gatewatch_packets_discarded_total{reason="too_short"} 0"#,
        #"gatewatch_transmit_lateness_seconds_bucket{le="8.192e-06"} 2"#,
        #"gatewatch_transmit_lateness_seconds_bucket{le="1.6384e-05"} 2"#,
        #"gatewatch_transmit_lateness_seconds_bucket{le="+Inf"} 3"#,
        "gatewatch_transmit_lateness_seconds_sum 3e-05",
        "gatewatch_transmit_lateness_seconds_count 3",
        #"gatewatch_route_state{prefix="0.0.0.0/0",table="254",metric="50",state="partial"} 1"#,
        #"gatewatch_route_next_hops_wanted{prefix="0.0.0.0/0",table="254",metric="50"} 1"#,
        #"gatewatch_route_next_hops_installed{prefix="0.0.0.0/0",table="254",metric="50"} 0"#,
        #"gatewatch_route_changes_total{kind="conflict"} 1"#,
        #"gatewatch_namespace_healthy{code="namespace-H"} 0"#,
        #"gatewatch_link_guard_refusals_total{change="delete",reason="team"} 2"#,
        #"gatewatch_clients_ended_total{reason="idle"} 4"#,
        #"gatewatch_configuration_reloads_total{result="applied"} 2"#,
        #"gatewatch_configuration_reloads_total{result="refused"} 1"#,
        "gatewatch_configuration_last_reload_successful 0",
        "gatewatch_configuration_keys_awaiting_restart 1", "gatewatch_drained 1",
    ])
    func `All that is known is a metric`(_ line: String) {
        #expect(text([Samples.session()]).split(separator: "\n").contains { $0 == line })
    }

    @Test func `Every family has its help and type once, and its samples behind them`() {
        var seen: Set<Substring> = []
        var current: Substring = ""
        for line in text([Samples.session()], usesKubeOVNNames: true).split(separator: "\n") {
            let words = line.split(separator: " ", maxSplits: 3)
            if words[0] == "#" {
                if words[1] == "HELP" { #expect(seen.insert(words[2]).inserted, "\(line)") }
                current = words[2]
            } else {
                #expect(line.hasPrefix(current), "\(line)")
            }
        }
        #expect(seen.count > 30)
    }

    @Test func `Labels are escaped`() {
        let session = Samples.session("a\"b\\c\nd")
        #expect(text([session]).contains(#"gatewatch_session_up{peer="a\"b\\c\nd"} 1"#))
    }

    @Test func `The names of Kube-OVN's supervisor are there when they are asked for`() {
        let names = [
            "expected_sessions", "up_sessions", "recovery_attempts_total", "recovery_phase",
            "session_zero_seconds", "child_restarts_total", "child_circuit_open", "circuit_open",
        ]
        let plain = text([Samples.session()])
        let both = text([Samples.session("a", .down)], usesKubeOVNNames: true)
        for name in names {
            #expect(!plain.contains("kube_ovn_bfdd_\(name)"))
            #expect(both.contains("# TYPE kube_ovn_bfdd_\(name) "))
        }
        #expect(both.contains("\nkube_ovn_bfdd_session_zero_seconds 90.0\n"))
        #expect(both.contains("\nkube_ovn_bfdd_up_sessions 0\n"))
        let up = text([Samples.session()], usesKubeOVNNames: true)
        #expect(up.contains("\nkube_ovn_bfdd_session_zero_seconds 0.0\n"))
    }
}
