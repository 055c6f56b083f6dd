import BFDCore
import ControlProtocol
import Gatewatch
import RouteController
import Testing

@testable import Daemon

/// What a configuration that is read again means for what runs.
@Suite struct DifferenceTests {
    private static let base = """
        defaults: {desired-min-tx-interval: 50ms, required-min-rx-interval: 50ms}
        peers:
          - {name: tor-a, dest-addr: 10.9.0.1}
          - {name: tor-b, dest-addr: 10.9.0.2, local-multiplier: 5}
        unsolicited: [{prefix: 10.5.0.0/16}]
        routes:
          - {prefix: 0.0.0.0/0, metric: 50, next-hops: [{peer: tor-a}, {peer: tor-b}]}
          - {prefix: 10.1.0.0/16, next-hops: [{peer: tor-a}]}
        """

    private func difference(
        _ old: String, _ new: String, only name: String? = nil
    ) throws -> ConfigurationDifference {
        let changed = Self.base.replacing(old, with: new)
        if old != new { #expect(changed != Self.base) }
        return try Reloading(Self.base).difference(to: changed, only: name)
    }

    @Test func `The same file changes nothing`() throws {
        let same = try difference("", "")
        #expect(same.isEmpty && same.change.isEmpty)
        #expect(same.report.peers.unchangedCount == 2)
        #expect(same.report.routes.unchangedCount == 2)
        #expect(same.report.unsolicited.unchangedCount == 1)
        // Nor does another order, another spelling, or a comment.
        let turned = try difference("50ms, required", "50000us, required")
        #expect(turned.isEmpty)
    }

    @Test(arguments: [
        ("local-multiplier: 5", "local-multiplier: 4", "local-multiplier 5 -> 4"),
        ("local-multiplier: 5", "role: passive", "role active -> passive"),
        (
            "local-multiplier: 5", "desired-min-tx-interval: 1s",
            "desired-min-tx-interval 50 ms -> 1 s"
        ),
        ("local-multiplier: 5", "minimum-ttl: 254", "minimum-ttl 255 -> 254"),
        ("local-multiplier: 5", "dscp: 0", "dscp 48 -> 0"),
        ("local-multiplier: 5", "failure-hold-time: 1s", "failure-hold-time 0 s -> 1 s"),
        ("local-multiplier: 5", "profile: ovn", "profile none -> ovn"),
    ])
    func `Timers and checks change while the session goes on`(
        _ old: String, _ new: String, _ text: String
    ) throws {
        let found = try difference(old, new)
        #expect(found.change.updated.map(\.name) == ["tor-b"])
        #expect(found.change.restarted.isEmpty && found.change.added.isEmpty)
        #expect(found.report.peers.changed.map(\.changes).joined().contains(text))
        #expect(found.report.peers.unchangedCount == 1)
        #expect(found.change.routes == nil)
    }

    @Test(arguments: [
        "interface: eth0", "source-addr: 10.9.0.10", "remote-discriminator: 7",
        "multihop: true, source-addr: 10.9.0.10",
    ])
    func `Another path is another session`(_ setting: String) throws {
        let found = try difference("local-multiplier: 5", "local-multiplier: 5, \(setting)")
        #expect(found.change.restarted.map(\.name) == ["tor-b"])
        #expect(found.change.updated.isEmpty)
        #expect(found.report.peers.changed.map(\.restarts) == [true])
    }

    @Test func `What an operator disabled stays disabled, whatever becomes of it`() throws {
        var reloading = try Reloading(Self.base)
        for place in reloading.running.peers.indices {
            reloading.running.peers[place].session.isAdministrativelyDown = true
        }
        #expect(try reloading.difference(to: Self.base).isEmpty)
        let moved = Self.base.replacing("10.9.0.2,", with: "10.9.0.9,")
        let change = try reloading.difference(to: moved).change
        #expect(change.restarted.map(\.session.isAdministrativelyDown) == [true])
    }

    @Test func `A peer that leaves the file and the routes`() throws {
        let text = Self.base
            .replacing("  - {name: tor-b, dest-addr: 10.9.0.2, local-multiplier: 5}\n", with: "")
            .replacing(", {peer: tor-b}", with: "")
        let found = try Reloading(Self.base).difference(to: text)
        #expect(found.change.removed == ["tor-b"])
        #expect(found.report.peers.removed == ["tor-b"])
        #expect(found.report.routes.changed.map(\.name) == ["0.0.0.0/0 table main metric 50"])
        #expect(
            found.report.routes.changed.map(\.changes) == [
                ["next-hops tor-a via 10.9.0.1, tor-b via 10.9.0.2 -> tor-a via 10.9.0.1"]
            ])
        #expect(found.change.routes?.count == 2)
        let back = try Reloading(text).difference(to: Self.base)
        #expect(back.change.added.map(\.name) == ["tor-b"])
        #expect(back.report.peers.added == ["tor-b"])
    }

    @Test func `A peer's address is its next hop's`() throws {
        let found = try difference("dest-addr: 10.9.0.1", "dest-addr: 10.9.0.7")
        #expect(found.change.restarted.map(\.name) == ["tor-a"])
        #expect(found.report.routes.changed.count == 2)
    }

    @Test func `Only one peer is looked at when only one is asked about`() throws {
        let text = Self.base.replacing("50ms", with: "60ms")
            .replacing("metric: 50", with: "metric: 51")
        let found = try Reloading(Self.base).difference(to: text, only: "tor-a")
        #expect(found.change.updated.map(\.name) == ["tor-a"])
        #expect(found.change.routes == nil && found.report.settings.isEmpty)
        #expect(found.change.removed.isEmpty)
    }

    @Test func `A next hop follows its peer to another link, and nothing else does`() throws {
        let text = Self.base
            .replacing("tor-a, dest-addr", with: "tor-a, interface: eth0, dest-addr")
            .replacing("{peer: tor-b}]", with: "{peer: tor-b, weight: 9}]")
        let found = try Reloading(Self.base).difference(to: text, only: "tor-a")
        #expect(found.change.restarted.map(\.name) == ["tor-a"])
        let hops = try #require(found.change.routes).flatMap(\.nextHops)
        #expect(hops.map(\.interface) == ["eth0", nil, "eth0"])
        #expect(hops.map(\.weight) == [1, 1, 1])
    }

    @Test(arguments: [
        ("log: {level: debug}", "log.level", false), ("log: {format: json}", "log.format", false),
        ("stop-routes: keep", "stop-routes", false), ("stop-hold: 1s", "stop-hold", false),
        ("namespace-timeout: 1s", "namespace-timeout", false),
        ("next-hop-objects: false", "next-hop-objects", false),
        ("protected-links: [team0]", "protected-links", false),
        ("realtime: {priority: 5}", "realtime.priority", false),
        ("realtime: {cpu: 0}", "realtime.cpu", false),
        ("realtime: {lock-memory: false}", "realtime.lock-memory", false),
        ("realtime: {spin: 100us}", "realtime.spin", false),
        ("realtime: {cpu-dma-latency: 0us}", "realtime.cpu-dma-latency", false),
        ("realtime: {threads: 2}", "realtime.threads", true),
        ("namespace: other", "namespace", true),
        ("control: {socket: /tmp/x.sock}", "control.socket", true),
        ("state-directory: /tmp/x", "state-directory", true),
        ("metrics: {}", "metrics.listen", true),
        ("metrics: {listen: \"127.0.0.1:9471\"}", "metrics.listen", true),
    ])
    func `Every key of the whole is followed, or said to need a restart`(
        _ line: String, _ key: String, _ needsRestart: Bool
    ) throws {
        let reloading = try Reloading(Self.base)
        let found = try reloading.difference(to: "\(line)\n\(Self.base)")
        #expect(found.report.settings.map(\.key) == [key])
        #expect(found.report.settings.map(\.needsRestart) == [needsRestart])
        // What needs a restart is told of at every reload until there is one.
        var next = reloading
        next.running.configuration = found.result
        next.running.configuration.peers = []
        let again = try next.difference(to: "\(line)\n\(Self.base)")
        #expect(again.report.settings.isEmpty != needsRestart)
    }

    @Test func `Who may start sessions changes by prefix`() throws {
        let limited = try difference(
            "{prefix: 10.5.0.0/16}", "{prefix: 10.5.0.0/16, local-multiplier: 9}")
        #expect(limited.report.unsolicited.changed.map(\.changes) == [["local-multiplier 3 -> 9"]])
        #expect(limited.change.unsolicited?.count == 1)
        let moved = try difference("{prefix: 10.5.0.0/16}", "{prefix: 10.6.0.0/16}")
        #expect(moved.report.unsolicited.added == ["10.6.0.0/16"])
        #expect(moved.report.unsolicited.removed == ["10.5.0.0/16"])
        let closed = try difference("unsolicited: [{prefix: 10.5.0.0/16}]\n", "")
        #expect(closed.change.unsolicited?.isEmpty == true)
    }
}
