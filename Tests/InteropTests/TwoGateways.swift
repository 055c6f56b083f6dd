internal import Foundation
internal import TestSupport

/// A node with two gateways, each on its own cable: BIRD on the first, FRR on the second.
///
///                 ┌── uplink-a ── bird ──┐
///     client ── node                     server ── (straight back to the client)
///                 └── uplink-b ── frr ───┘
struct TwoGateways {
    /// The gateways' addresses in the order of `names`.
    static let gateways = ["10.9.1.1", "10.9.2.1"]
    static let gateways6 = ["fd09:1::1", "fd09:2::1"]
    /// The node's addresses, towards the first and the second gateway.
    static let nodeAddresses = ["10.9.1.10", "10.9.2.10", "fd09:1::10", "fd09:2::10"]
    static let metric = 50

    let lab: Lab
    let node: Namespace
    let birdNamespace: Namespace
    let frrNamespace: Namespace
    let bird: any GatewayPeer
    let frr: FrrPeer

    init(in lab: Lab, timers: PeerTimers = PeerTimers(intervalMilliseconds: 50)) throws {
        self.lab = lab
        node = try lab.namespace("node")
        birdNamespace = try lab.namespace("bird")
        frrNamespace = try lab.namespace("frr")
        try lab.link(
            LinkEnd(node, "uplink-a", "10.9.1.10/24", "fd09:1::10/64"),
            LinkEnd(birdNamespace, "down", "10.9.1.1/24", "fd09:1::1/64"))
        try lab.link(
            LinkEnd(node, "uplink-b", "10.9.2.10/24", "fd09:2::10/64"),
            LinkEnd(frrNamespace, "down", "10.9.2.1/24", "fd09:2::1/64"))
        bird = try BirdPeer(
            in: lab, birdNamespace,
            links: [
                PeerLink(local: "10.9.1.1", remote: "10.9.1.10", interface: "down"),
                PeerLink(local: "fd09:1::1", remote: "fd09:1::10", interface: "down"),
            ], timers: timers)
        frr = try FrrPeer(
            in: lab, frrNamespace,
            links: [
                PeerLink(local: "10.9.2.1", remote: "10.9.2.10", interface: "down"),
                PeerLink(local: "fd09:2::1", remote: "fd09:2::10", interface: "down"),
            ], timers: timers)
    }

    func peer(_ kind: PeerKind) -> any GatewayPeer {
        switch kind {
        case .bird: bird
        case .frr: frr
        }
    }

    /// The gateway's IPv4 address.
    static func address(_ kind: PeerKind) -> String {
        switch kind {
        case .bird: gateways[0]
        case .frr: gateways[1]
        }
    }

    /// The gateway's IPv6 address.
    static func address6(_ kind: PeerKind) -> String {
        switch kind {
        case .bird: gateways6[0]
        case .frr: gateways6[1]
        }
    }

    func namespace(_ kind: PeerKind) -> Namespace {
        switch kind {
        case .bird: birdNamespace
        case .frr: frrNamespace
        }
    }

    /// A daemon with a session to every gateway's every address, and both default routes.
    ///
    /// The peers are called `bird`, `bird6`, `frr` and `frr6`; `settings` is a line at the top.
    func daemon(
        multiplier: Int = 15, onAdminDown: String = "withdraw", settings: String = "",
        role: String = "active"
    ) throws -> GatewatchDaemon {
        try GatewatchDaemon(
            in: lab,
            configuration: """
                namespace: \(node.name)
                stop-hold: 1s
                \(settings)
                defaults:
                  desired-min-tx-interval: 50ms
                  required-min-rx-interval: 50ms
                  local-multiplier: \(multiplier)
                  role: \(role)
                peers:
                  - {name: bird, dest-addr: 10.9.1.1, source-addr: 10.9.1.10, interface: uplink-a}
                  - {name: frr, dest-addr: 10.9.2.1, source-addr: 10.9.2.10, interface: uplink-b}
                  - {name: bird6, dest-addr: "fd09:1::1", interface: uplink-a}
                  - {name: frr6, dest-addr: "fd09:2::1"}
                routes:
                  - prefix: 0.0.0.0/0
                    metric: \(Self.metric)
                    next-hops: [{peer: bird}, {peer: frr}]
                    on-admin-down: \(onAdminDown)
                  - prefix: "::/0"
                    metric: \(Self.metric)
                    next-hops: [{peer: bird6}, {peer: frr6}]
                    on-admin-down: \(onAdminDown)
                """)
    }

    /// Starts both gateways.
    func startPeers() async throws {
        try await bird.start()
        try await frr.start()
    }

    /// Waits until both default routes lead to exactly these gateways.
    func waitForNextHops(
        _ kinds: Set<PeerKind>, seenBy observer: RouteObserver, within seconds: Double = 30
    ) async throws {
        let wanted = Set(kinds.map(Self.address))
        let wanted6 = Set(kinds.map(Self.address6))
        try await eventually("next hops \(kinds)", within: seconds) {
            nextHops(observer) == wanted && nextHops6(observer) == wanted6
        }
        // What the kernel says when asked must be what it said by itself.
        try await eventually("`ip route` shows \(kinds)") {
            try shownNextHops("-4") == wanted && shownNextHops("-6") == wanted6
        }
    }

    func nextHops(_ observer: RouteObserver) -> Set<String> {
        observer.memberships(of: "0.0.0.0/0", metric: Self.metric).last?.nextHops ?? []
    }

    func nextHops6(_ observer: RouteObserver) -> Set<String> {
        observer.memberships(of: "::/0", metric: Self.metric).last?.nextHops ?? []
    }

    /// The default route's gateways as `ip route` prints them.
    func shownNextHops(_ family: String) throws -> Set<String> {
        let text = try node.run("ip", family, "route", "show", "default")
        let words = text.split { " \n\t".contains($0) }.map(String.init)
        let indices = words.indices.dropLast().filter { words[$0] == "via" }
        return Set(indices.map { words[$0 + 1] })
    }
}

extension TwoGateways {
    /// Adds a client behind the node and a server behind both gateways, and probes between them.
    ///
    /// The 64 targets spread over both gateways; what comes back takes a cable of its own, so
    /// that only the way out decides.
    func startProbe() async throws -> Probe {
        let (client, server) = (try lab.namespace("client"), try lab.namespace("server"))
        try lab.link(LinkEnd(client, "up", "10.8.0.2/24"), LinkEnd(node, "down", "10.8.0.1/24"))
        try lab.link(
            LinkEnd(birdNamespace, "up", "10.71.0.1/24"), LinkEnd(server, "a", "10.71.0.2/24"))
        try lab.link(
            LinkEnd(frrNamespace, "up", "10.72.0.1/24"), LinkEnd(server, "b", "10.72.0.2/24"))
        try lab.link(
            LinkEnd(client, "back", "10.73.0.1/24"), LinkEnd(server, "back", "10.73.0.2/24"))
        let targets = (1...64).map { "ip address add 10.99.0.\($0)/32 dev lo" }
        try server.run("sh", "-ec", targets.joined(separator: "\n"))
        try server.run("ip", "route", "add", "10.8.0.0/24", "via", "10.73.0.1")
        try client.run("ip", "route", "add", "10.99.0.0/24", "via", "10.8.0.1")
        for (namespace, server) in [(birdNamespace, "10.71.0.2"), (frrNamespace, "10.72.0.2")] {
            try namespace.run("ip", "route", "add", "10.99.0.0/24", "via", server)
        }
        return try await Probe(in: lab, from: client, to: server, prefix: "10.99.0.", count: 64)
    }
}
