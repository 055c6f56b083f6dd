import BFDCore
import ControlProtocol
import Daemon
import RouteCore
import Testing

/// What a valid file means.
@Suite struct ModelTests {
    @Test func `A minimal file has the documented defaults`() throws {
        let configuration = try #require(try Fixtures.read("minimal").configuration)
        #expect(configuration.namespace == nil)
        #expect(configuration.controlSocket == "/run/gatewatch/control.sock")
        #expect(configuration.stateDirectory == "/run/gatewatch")
        #expect(configuration.stopRoutes == .withdraw)
        #expect(configuration.stopHold == .seconds(6))
        #expect(configuration.namespaceTimeout == .seconds(60))
        #expect(configuration.usesNextHopObjects)
        #expect(configuration.protectedLinks == [])
        #expect(configuration.realTime.priority == 0)
        #expect(configuration.realTime.processor == nil)
        #expect(configuration.realTime.locksMemory)
        #expect(configuration.log.level == .info)
        #expect(configuration.log.format == .text)
        #expect(configuration.routes.isEmpty)
        let peer = try #require(configuration.peers.first)
        #expect(peer == .init(name: "10.9.0.1", destinationAddress: peer.destinationAddress))
        #expect(peer.desiredMinTxInterval == Microseconds(300_000))
        #expect(peer.requiredMinRxInterval == Microseconds(300_000))
        #expect(peer.localMultiplier == 3)
        #expect(peer.role == .active)
        #expect(peer.minimumTTL == 255)
        #expect(peer.isSourceStrict)
        #expect(!peer.isDemandEnabled)
        #expect(peer.dscp == 48)
        #expect(peer.sourceAddress == nil)
        #expect(peer.interface == nil)
    }

    @Test func `A complete file is read as it is written`() throws {
        let configuration = try #require(try Fixtures.read("complete").configuration)
        #expect(configuration.namespace == "ovnext")
        #expect(configuration.peers.map(\.name) == ["tor-a", "tor-b", "fe80::1%eth0"])
        let peer = try #require(configuration.peers.first)
        #expect("\(peer.destinationAddress)" == "10.9.0.1")
        #expect(peer.sourceAddress.map(\.description) == "10.9.0.10")
        #expect(peer.interface == "ovnext0")
        #expect(peer.desiredMinTxInterval == Microseconds(50_000))
        #expect(peer.detectionSum == "3 x 50 ms = 150 ms")
        #expect(configuration.peers.last?.role == .passive)
        let route = try #require(configuration.routes.first)
        #expect(
            route.key
                == RouteKey(prefix: try Prefix(parsing: "0.0.0.0/0"), table: 5_880, metric: 50))
        #expect(route.nextHops == [.init(peer: "tor-a"), .init(peer: "tor-b", weight: 2)])
        #expect(route.policy == RoutePolicy())
    }

    @Test func `5882-6-01: the code point of packets is a peer's own`() throws {
        let report = Fixtures.read(
            text: """
                defaults: {dscp: 46}
                peers:
                  - {name: a, dest-addr: 10.9.0.1}
                  - {name: b, dest-addr: 10.9.0.2, dscp: 0}
                """)
        let peers = try #require(report.configuration).peers
        #expect(peers.map(\.dscp) == [46, 0])
    }

    @Test func `5880-7-01: several hops have congestion control, unless told otherwise`() throws {
        let report = Fixtures.read(
            text: """
                peers:
                  - {name: a, dest-addr: 10.9.0.1, source-addr: 10.8.0.1, multihop: true}
                  - name: b
                    dest-addr: 10.9.0.2
                    source-addr: 10.8.0.1
                    multihop: true
                    congestion-control: false
                  - {name: c, dest-addr: 10.9.0.3}
                """)
        let peers = try #require(report.configuration).peers
        #expect(peers.map(\.isCongestionControlled) == [true, false, false])
    }

    @Test func `5880-9-02: several hops without authentication are warned of`() throws {
        let report = Fixtures.read(
            text: """
                peers:
                  - {name: a, dest-addr: 10.9.0.1, source-addr: 10.8.0.1, multihop: true}
                """)
        #expect(report.configuration != nil && report.errorCount == 0)
        #expect(report.lines.contains { $0.contains("warning: multihop without authentication") })
    }

    @Test func `What clients are told and how sessions detect is a peer's own`() throws {
        let report = Fixtures.read(
            text: """
                defaults: {failure-hold-time: 500ms, demand-enabled: true}
                peers:
                  - {name: a, dest-addr: 10.9.0.1, start-delay: 5s, congestion-control: true}
                  - {name: b, dest-addr: 10.9.0.2, failure-hold-time: 0ms, demand-enabled: false}
                routes:
                  - {prefix: 10.0.0.0/8, next-hops: [{peer: a}], before-first-up: install}
                """)
        let configuration = try #require(report.configuration)
        let peers = configuration.peers
        #expect(peers.map(\.failureHoldTime) == [.milliseconds(500), .zero])
        #expect(peers.map(\.isDemandEnabled) == [true, false])
        #expect(peers.map(\.startDelay) == [.seconds(5), .zero])
        #expect(peers.map(\.isCongestionControlled) == [true, false])
        #expect(configuration.routes.map(\.policy.beforeFirstUp) == [.install])
    }

    @Test func `A peer overrides defaults key by key`() throws {
        let report = Fixtures.read(
            text: """
                defaults: {local-multiplier: 5, desired-min-tx-interval: 100ms, role: passive}
                peers:
                  - {name: a, dest-addr: 10.9.0.1}
                  - {name: b, dest-addr: 10.9.0.2, local-multiplier: 3, role: active}
                """)
        let peers = try #require(report.configuration?.peers)
        #expect(peers.map(\.localMultiplier) == [5, 3])
        #expect(peers.map(\.role) == [.passive, .active])
        #expect(peers.allSatisfy { $0.desiredMinTxInterval == Microseconds(100_000) })
        #expect(peers.allSatisfy { $0.requiredMinRxInterval == Microseconds(300_000) })
    }

    @Test func `Aliases stand for what they name`() throws {
        let peers = try #require(try Fixtures.read("aliases").configuration?.peers)
        #expect(peers.map(\.desiredMinTxInterval) == [Microseconds(50_000), Microseconds(50_000)])
    }

    @Test func `JSON is read as YAML`() throws {
        let configuration = try #require(try Fixtures.read("json").configuration)
        #expect(configuration.namespace == "ovnext")
        #expect(configuration.peers.map(\.name) == ["tor-a", "tor-b"])
    }

    @Test func `All settings of the process are read`() throws {
        let report = Fixtures.read(
            text: """
                peers: [{dest-addr: 10.9.0.1}]
                control: {socket: /tmp/c.sock}
                state-directory: /tmp/state
                stop-routes: keep
                stop-hold: 0s
                namespace-timeout: 90s
                next-hop-objects: false
                protected-links: [team0, "eth*"]
                realtime: {priority: 99, cpu: 3, lock-memory: false}
                log: {level: trace, format: json}
                """)
        let configuration = try #require(report.configuration)
        #expect(configuration.controlSocket == "/tmp/c.sock")
        #expect(configuration.stateDirectory == "/tmp/state")
        #expect(configuration.stopRoutes == .keep)
        #expect(configuration.stopHold == .zero)
        #expect(configuration.namespaceTimeout == .seconds(90))
        #expect(!configuration.usesNextHopObjects)
        #expect(configuration.protectedLinks == ["team0", "eth*"])
        #expect(configuration.realTime.priority == 99)
        #expect(configuration.realTime.processor == 3)
        #expect(!configuration.realTime.locksMemory)
        #expect(configuration.log.level == .trace)
        #expect(configuration.log.format == .json)
    }

    @Test func `Warnings do not stop a configuration`() throws {
        let report = try Fixtures.read("warnings")
        #expect(report.configuration != nil)
        #expect(report.errorCount == 0)
        #expect(report.problems.count == 4)
    }

    @Test func `An IPv6 route without a metric has the kernel's`() throws {
        let report = Fixtures.read(
            text: """
                peers: [{name: a, dest-addr: 2001:db8::1}]
                routes: [{prefix: "::/0", next-hops: [{peer: a}]}]
                """)
        #expect(report.configuration?.routes.first?.key.metric == 1_024)
        #expect(report.problems.isEmpty)
    }

    @Test func `5883-5-02: a multihop peer takes any TTL from any source unless told otherwise`()
        throws
    {
        let report = Fixtures.read(
            text: """
                peers:
                  - name: a
                    dest-addr: 192.0.2.1
                    source-addr: 192.0.2.9
                    multihop: true
                    remote-discriminator: 77
                  - {name: b, dest-addr: 192.0.2.1, pdu-size: 1500, profile: ovn}
                """)
        let peers = try #require(report.configuration?.peers)
        #expect(peers.map(\.isMultihop) == [true, false])
        #expect(peers.map(\.minimumTTL) == [1, 255])
        #expect(peers.map(\.isSourceStrict) == [false, true])
        #expect(peers.map(\.remoteDiscriminator) == [77, 0])
        #expect(peers.map(\.pduSize) == [0, 1_500])
        #expect(peers.map(\.profile) == [nil, .ovn])
    }

    @Test func `5883-3-01: Echo is off unless asked for, and what defaults say is for one hop`()
        throws
    {
        let report = Fixtures.read(
            text: """
                defaults: {desired-min-echo-tx-interval: 50ms}
                peers:
                  - {name: a, dest-addr: 192.0.2.1, required-min-echo-rx-interval: 20ms}
                  - {name: b, dest-addr: 192.0.2.2, desired-min-echo-tx-interval: 0ms}
                  - {name: c, dest-addr: 192.0.2.3, source-addr: 192.0.2.9, multihop: true}
                """)
        let peers = try #require(report.configuration?.peers)
        #expect(peers.map(\.desiredMinEchoTxInterval.count) == [50_000, 0, 0])
        #expect(peers.map(\.requiredMinEchoRxInterval.count) == [20_000, 0, 0])
    }

    @Test func `5881-4-08: an Echo source that is link-local is refused, none is warned of`() throws
    {
        func read(_ keys: String) -> ConfigurationReport {
            Fixtures.read(
                text: """
                    peers:
                      - dest-addr: "2001:db8::1"
                        desired-min-echo-tx-interval: 50ms
                        \(keys)
                    """)
        }
        let refused = read("echo-source-addr: fe80::1")
        #expect(refused.configuration == nil && refused.errorCount == 1)
        let warned = read("role: active")
        #expect(warned.lines.contains { $0.contains("warning: Echo packets from an address on") })
        let quiet = read(#"echo-source-addr: "2001:db8:1::1""#)
        #expect(quiet.lines.isEmpty)
        let source = try #require(quiet.configuration?.peers.first?.echoSourceAddress)
        #expect("\(source)" == "2001:db8:1::1")
    }

    @Test func `9747-2-06: unaffiliated Echo is asked for, and our interval alone counts`() throws {
        let report = Fixtures.read(
            text: """
                defaults: {desired-min-echo-tx-interval: 50ms}
                peers:
                  - {name: a, dest-addr: 192.0.2.1, source-addr: 192.0.2.9, unaffiliated-echo: true,
                     desired-min-tx-interval: 100ms}
                  - {name: b, dest-addr: 192.0.2.2}
                """)
        let peers = try #require(report.configuration?.peers)
        #expect(peers.map(\.isUnaffiliatedEcho) == [true, false])
        #expect(peers.map(\.desiredMinEchoTxInterval.count) == [0, 50_000])
        #expect(peers.map(\.expectedDetectionTimeMicroseconds) == [300_000, 900_000])
    }

    @Test func `5883-6-01: a multihop peer without authentication earns a warning`() {
        let report = Fixtures.read(
            text: """
                peers:
                  - {dest-addr: 192.0.2.1, source-addr: 192.0.2.9, multihop: true, minimum-ttl: 250}
                """)
        #expect(report.configuration != nil)
        #expect(report.lines.count == 1)
        #expect(report.lines.first?.contains("warning: multihop without authentication") == true)
    }

    @Test func `9468-2-01: nobody may start a session unless it is allowed`() throws {
        #expect(try Fixtures.read("minimal").configuration?.unsolicited.isEmpty == true)
    }

    @Test func `9468-2-02: the parameters of sessions that peers start are read`() throws {
        let entries = try #require(try Fixtures.read("unsolicited").configuration?.unsolicited)
        #expect(
            entries.map { "\($0.prefix)" } == [
                "10.5.204.0/24", "10.5.204.0/24", "2001:db8::/64",
            ])
        #expect(entries.map(\.interface) == [nil, "eth0", nil])
        #expect(entries.map(\.localMultiplier) == [3, 5, 5])
        #expect(entries.map(\.maximumSessions) == [256, 256, 0])
        #expect(entries.map(\.desiredMinTxInterval.count) == [300_000, 50_000, 300_000])
        #expect(entries.map(\.requiredMinRxInterval.count) == [300_000, 300_000, 50_000])
    }
}
