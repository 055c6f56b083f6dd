internal import TestSupport

/// Two ends with a router in between.
///
///     near ── near-side ── router ── far-side ── far
struct RoutedPair {
    static let near = "10.9.1.10"
    static let far = "10.9.2.1"
    static let near6 = "fd09:1::10"
    static let far6 = "fd09:2::1"

    let lab: Lab
    let near: Namespace
    let router: Namespace
    let far: Namespace

    /// Builds it; every link carries `mtu` octets.
    init(in lab: Lab, mtu: Int = 1_500) throws {
        self.lab = lab
        near = try lab.namespace("near")
        router = try lab.namespace("router")
        far = try lab.namespace("far")
        try lab.link(
            LinkEnd(near, "up", "10.9.1.10/24", "fd09:1::10/64"),
            LinkEnd(router, "near-side", "10.9.1.1/24", "fd09:1::1/64"))
        try lab.link(
            LinkEnd(router, "far-side", "10.9.2.10/24", "fd09:2::10/64"),
            LinkEnd(far, "up", "10.9.2.1/24", "fd09:2::1/64"))
        for (end, interfaces) in [
            (near, ["up"]), (router, ["near-side", "far-side"]), (far, ["up"]),
        ] {
            for interface in interfaces { try Self.setMTU(mtu, of: interface, in: end) }
        }
        try near.run("ip", "route", "add", "default", "via", "10.9.1.1")
        try near.run("ip", "-6", "route", "add", "default", "via", "fd09:1::1")
        try far.run("ip", "route", "add", "default", "via", "10.9.2.10")
        try far.run("ip", "-6", "route", "add", "default", "via", "fd09:2::10")
    }

    static func setMTU(_ mtu: Int, of interface: String, in namespace: Namespace) throws {
        try namespace.run("ip", "link", "set", "dev", interface, "mtu", "\(mtu)")
    }

    /// A daemon at one end, with a multihop session to the other over each family.
    func daemon(
        in namespace: Namespace, keys: String = "minimum-ttl: 254"
    ) throws -> GatewatchDaemon {
        let isNear = namespace == near
        let (own, other) = isNear ? (Self.near, Self.far) : (Self.far, Self.near)
        let (own6, other6) = isNear ? (Self.near6, Self.far6) : (Self.far6, Self.near6)
        return try GatewatchDaemon(
            in: lab,
            configuration: """
                namespace: \(namespace.name)
                stop-hold: 1s
                defaults:
                  desired-min-tx-interval: 50ms
                  required-min-rx-interval: 50ms
                  local-multiplier: 15
                  multihop: true
                  \(keys)
                peers:
                  - {name: peer, dest-addr: \(other), source-addr: \(own)}
                  - {name: peer6, dest-addr: "\(other6)", source-addr: "\(own6)"}
                """)
    }
}

extension GatewatchDaemon {
    /// Waits until all its sessions are in `state`.
    func waitForAll(_ state: String, within seconds: Double = 30) async throws {
        try await eventually("every session of Gatewatch is \(state)", within: seconds) {
            let sessions = try status().sessions
            return !sessions.isEmpty && sessions.allSatisfy { $0.running.localState == state }
        }
    }
}
