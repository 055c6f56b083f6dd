internal import BFDCore
internal import RouteCore

/// One end of a link in a run.
struct SimulatedEnd {
    let node: Int
    /// Which of the node's sessions it is.
    let place: Int
    let address: IPAddress
    let peerAddress: IPAddress
    let isBound: Bool
    /// How its session authenticates, if at all.
    let authentication: AuthenticationType?
    let acceptsStaleDiscriminator: Bool
    let kind: Scenario.Kind
    let minimumTTL: UInt8
    /// Who plays it, if no engine does.
    let script: (any ScriptedPeer)?
    var settings: SessionSettings
    var interfaceIndex: UInt32
    /// How often congestion has doubled its intervals, and when that last changed.
    var easedLevel: UInt8 = 0
    var lastEased = Instant(nanoseconds: .min)
    /// Which of its keys it sends with.
    var keyGeneration = 1
    var isDisabled = false
    /// Whether an operator took the session away.
    var isRemoved = false
    /// For a script: whether it runs.
    var isPresent = false
    var handle: SessionHandle?
    /// The discriminator of its last session.
    var discriminator: UInt32 = 0
}

extension Simulation {
    static func makeNode(_ index: Int, _ scenario: Scenario, seed: UInt64) -> EngineNode? {
        let node = scenario.nodes[index]
        guard node.player == .engine else { return nil }
        let ends = scenario.ends.indices.filter { scenario.ends[$0].node == index }
        let policy: RoutePolicy
        switch node.policy {
        case .withdraw: policy = RoutePolicy(whenNoneUp: .withdraw)
        case .blackhole: policy = RoutePolicy(whenNoneUp: .blackhole)
        case .keepLast: policy = RoutePolicy(onAdminDown: .keep, whenNoneUp: .keepLast)
        }
        return EngineNode(
            index: index, ends: ends, latency: node.latency,
            routes: NodeRoutes(count: ends.count, policy: policy), seed: seed)
    }

    static func makeEnd(
        _ index: Int, _ scenario: Scenario, _ script: (any ScriptedPeer)?, _ draw: inout Draw
    ) -> SimulatedEnd {
        let end = scenario.ends[index]
        let seed = draw.bits()
        var player = script
        if scenario.nodes[end.node].player == .ovn {
            player = OVNPeer(localDiscriminator: UInt32(seed >> 33) | 1, seed: seed)
        }
        let link = UInt32(index / 2) << 8
        let own = 0x0a00_0001 + UInt32(index % 2)
        let place = scenario.ends[..<index].count { $0.node == end.node }
        return SimulatedEnd(
            node: end.node, place: place, address: IPAddress(ipv4: own | link),
            peerAddress: IPAddress(ipv4: 0x0a00_0002 - UInt32(index % 2) | link),
            isBound: end.isBound, authentication: end.authentication,
            acceptsStaleDiscriminator: end.acceptsStaleDiscriminator, kind: end.kind,
            minimumTTL: end.minimumTTL, script: player,
            settings: end.settings, interfaceIndex: UInt32(10 + index))
    }
}
