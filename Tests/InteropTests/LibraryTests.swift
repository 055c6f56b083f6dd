internal import BFDCore
internal import BFDDriver
internal import Foundation
internal import Gatewatch
internal import TestSupport
internal import Testing

/// Two agents in this process, each in a namespace of its own, with a cable between them.
private final class TwoAgents {
    let here: Gatewatch
    let there: Gatewatch
    let nodes: (here: Namespace, there: Namespace)
    private(set) var told: [String: [String]] = [:]

    init(in lab: Lab) throws {
        nodes = (try lab.namespace("here"), try lab.namespace("there"))
        try lab.link(
            LinkEnd(nodes.here, "cable", "10.9.0.1/24"),
            LinkEnd(nodes.there, "cable", "10.9.0.2/24"))
        here = try Gatewatch(Self.configuration(nodes.here))
        there = try Gatewatch(Self.configuration(nodes.there))
    }

    deinit {
        here.stop()
        there.stop()
    }

    private static func configuration(_ node: Namespace) -> GatewatchConfiguration {
        GatewatchConfiguration(
            namespacePath: node.path, realTime: RealTimeSettings(locksMemory: false),
            seed: UInt64.random(in: .min ... .max))
    }

    static func session(to last: UInt32, interval: UInt32) -> SessionConfiguration {
        SessionConfiguration(
            path: Path(destination: IPAddress(ipv4: 0x0a09_0000 + last), isBoundToInterface: true),
            desiredMinTxInterval: Microseconds(interval),
            requiredMinRxInterval: Microseconds(interval))
    }

    func addHere(
        _ name: String, interval: UInt32 = 100_000, policy: ClientPolicy = ClientPolicy(),
        followsLink: Bool = false
    ) throws -> UInt32 {
        try here.add(
            PeerConfiguration(
                name: name, session: Self.session(to: 2, interval: interval), interface: "cable",
                policy: policy, followsLink: followsLink))
    }

    func addThere(trafficClass: UInt8 = 0xc0) throws {
        try there.add(
            PeerConfiguration(
                name: "back", session: Self.session(to: 1, interval: 50_000), interface: "cable",
                trafficClass: trafficClass))
    }

    func session(_ name: String) throws -> Session {
        let peer = try here.sessions().peers.first { $0.configuration.name == name }
        return try #require(peer).snapshot.session
    }

    /// What clients have been told, by name.
    func listen() {
        for event in here.takeEvents() {
            switch event {
            case .client(let peer, .up): told[peer, default: []].append("up")
            case .client(let peer, .down): told[peer, default: []].append("down")
            case .client(let peer, .adminDown): told[peer, default: []].append("admin-down")
            case .removed(let peer): told[peer, default: []].append("removed")
            case .session, .created, .route, .warning, .lost: break
            }
        }
    }

    func waitUntilTold(_ name: String, _ words: [String]) async throws {
        try await eventually("\(name) is told \(words), not \(told)") {
            listen()
            return told[name] == words
        }
    }
}

extension Interop {
    /// The library as an agent uses it, on real sockets.
    @Suite struct LibraryTests {
        @Test func `5882-2-01: peers of one path share a session, and each hears of it`()
            async throws
        {
            try await withLab { lab in
                let agents = try TwoAgents(in: lab)
                let names = ["ospf", "bgp", "static"]
                let discriminators = try zip(names, [300_000, 100_000, 200_000]).map {
                    try agents.addHere($0, interval: $1)
                }
                #expect(Set(discriminators).count == 1 && discriminators.first != 0)
                try agents.addThere()
                for name in names { try await agents.waitUntilTold(name, ["up"]) }
                // A client that comes later learns how things stand.
                _ = try agents.addHere("late", interval: 100_000)
                try await eventually("a Poll has told of the fastest timers") {
                    try agents.session("late").transmitInterval == Microseconds(100_000)
                }
                try agents.here.removePeer(named: "bgp")
                try agents.here.removePeer(named: "late")
                try await agents.waitUntilTold("bgp", ["up", "removed"])
                try await eventually("the timers are those of the rest") {
                    try agents.session("ospf").transmitInterval == Microseconds(200_000)
                }
                try agents.there.setAdministrativelyDown(true, peer: "back")
                try await agents.waitUntilTold("ospf", ["up", "admin-down"])
                try await agents.waitUntilTold("static", ["up", "admin-down"])
                #expect(try agents.here.allowsAdjacency(peer: "ospf", isPeerWilling: true))
                try agents.here.removePeer(named: "ospf")
                try agents.here.removePeer(named: "static")
                try await agents.waitUntilTold("static", ["up", "admin-down", "removed"])
            }
        }

        @Test func `5882-3.1-01: a client with patience hears nothing of a short failure`()
            async throws
        {
            try await withLab { lab in
                let agents = try TwoAgents(in: lab)
                _ = try agents.addHere("patient", policy: ClientPolicy(holdTime: .seconds(20)))
                _ = try agents.addHere(
                    "brief", policy: ClientPolicy(holdTime: .milliseconds(300)))
                _ = try agents.addHere("quick")
                try agents.addThere()
                try await agents.waitUntilTold("quick", ["up"])
                // First what keeps it Down: it would be Up again before a second signal arrives.
                try agents.there.signal(.hold(requiredMinRxInterval: nil), peer: "back")
                try agents.there.signal(.forwardingPlaneReset, peer: "back")
                try await agents.waitUntilTold("quick", ["up", "down"])
                try await agents.waitUntilTold("brief", ["up", "down"])
                #expect(
                    try agents.session("quick").remoteDiagnostic == .forwardingPlaneReset)
                try agents.there.signal(.release, peer: "back")
                try await agents.waitUntilTold("brief", ["up", "down", "up"])
                #expect(agents.told["patient"] == ["up"])
            }
        }

        @Test func `5880-6.8.16-02: a link that goes down is a path that is down`() async throws {
            try await withLab { lab in
                let agents = try TwoAgents(in: lab)
                _ = try agents.addHere("watched", followsLink: true)
                try agents.addThere()
                try await agents.waitUntilTold("watched", ["up"])
                try agents.nodes.there.run("ip", "link", "set", "dev", "cable", "down")
                try await eventually("the path is down") {
                    let session = try agents.session("watched")
                    return session.state == .adminDown && session.localDiagnostic == .pathDown
                }
                try await agents.waitUntilTold("watched", ["up", "down"])
                try agents.nodes.there.run("ip", "link", "set", "dev", "cable", "up")
                try await agents.waitUntilTold("watched", ["up", "down", "up"])
            }
        }

        @Test func `5880-6.6-04: Demand mode on real sockets, verified by Poll`() async throws {
            try await withLab { lab in
                let agents = try TwoAgents(in: lab)
                _ = try agents.addHere("peer")
                try agents.addThere()
                try await agents.waitUntilTold("peer", ["up"])
                var changed = TwoAgents.session(to: 2, interval: 100_000)
                changed.demandMode = true
                try agents.here.update("peer", to: changed)
                try await eventually("the other end is silent") {
                    let before = try agents.session("peer")
                    try agents.here.signal(.verify, peer: "peer")
                    usleep(600_000)
                    let after = try agents.session("peer")
                    return after.isInDemandMode
                        && after.counters.received - before.counters.received <= 2
                }
                #expect(try agents.session("peer").state == .up)
                try agents.nodes.there.run("ip", "address", "flush", "dev", "cable")
                usleep(900_000)
                #expect(try agents.session("peer").state == .up)
                try agents.here.signal(.verify, peer: "peer")
                try await agents.waitUntilTold("peer", ["up", "down"])
            }
        }

        @Test func `5882-6-01: packets carry the code point that is configured`() async throws {
            try await withLab { lab in
                let agents = try TwoAgents(in: lab)
                let capture = try await Capture(
                    in: lab, agents.nodes.here, interfaces: ["cable"])
                _ = try agents.addHere("peer")
                try agents.addThere(trafficClass: 46 << 2)
                try await agents.waitUntilTold("peer", ["up"])
                try await capture.stop()
                let sent = try capture.packets("ip.src == 10.9.0.1").map(\.codePoint)
                let heard = try capture.packets("ip.src == 10.9.0.2").map(\.codePoint)
                #expect(Set(sent) == [48] && Set(heard) == [46])
            }
        }
    }
}
