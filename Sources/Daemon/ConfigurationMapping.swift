internal import BFDAuthentication
internal import BFDCore
internal import BFDDriver
internal import ControlProtocol
internal import Gatewatch
internal import LinuxSystem
internal import RouteController
internal import RouteCore

extension GatewatchConfiguration {
    init(_ configuration: DaemonConfiguration, _ keyChains: KeyChains) {
        self.init(
            namespacePath: configuration.namespace.map(NetworkNamespace.path(named:)),
            // Room for sessions that linger while new ones have come, for those that a later
            // configuration adds, and for those of peers.
            sessionCapacity: configuration.sessionCount + 1_024,
            realTime: configuration.realTimeSettings, seed: UInt64.random(in: .min ... .max),
            routes: configuration.routeConfigurations, routeOptions: configuration.routeOptions)
        unsolicited = zip(configuration.unsolicited, keyChains.unsolicited).map { peers, keyChain in
            UnsolicitedPeers(peers, keyChain)
        }
    }
}

extension DaemonConfiguration {
    /// How many sessions there may be at a time.
    var sessionCount: Int {
        peers.count + unsolicited.map(\.maximumSessions).reduce(0, +)
    }

    /// What threads ask of the scheduler.
    var realTimeSettings: RealTimeSettings {
        RealTimeSettings(
            priority: Int32(realTime.priority), processor: realTime.processor.map { Int32($0) },
            locksMemory: realTime.locksMemory, spin: realTime.spin.nanoseconds,
            latency: realTime.latency?.nanoseconds, threadCount: realTime.threadCount)
    }

    /// How routes are kept.
    var routeOptions: RouteControllerOptions {
        var options = RouteControllerOptions()
        options.useNextHopObjects = usesNextHopObjects ? .automatic : .never
        options.turnsCompatibilityOff = namespace != nil
        options.adoptionGraceNanoseconds = adoptionGrace.count
        return options
    }

    /// The routes, their next hops with the addresses of the peers.
    var routeConfigurations: [RouteConfiguration] {
        let byName = Dictionary(
            peers.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        return routes.map { RouteConfiguration($0, byName) }
    }

    /// How long a next hop that a previous run left waits for its session.
    ///
    /// A session that is not Up sends once a second, and the peer may first have to notice: three
    /// slow packets and the longest detection time.
    var adoptionGrace: Nanoseconds {
        let longest = peers.map(\.expectedDetectionTimeMicroseconds).max() ?? 0
        let delay = peers.map(\.startDelay).max() ?? .zero
        return .seconds(3) + delay + Nanoseconds(Int64(clamping: longest) * 1_000)
    }
}

extension RouteConfiguration {
    init(_ route: DaemonConfiguration.Route, _ peers: [String: DaemonConfiguration.Peer]) {
        self.init(
            prefix: route.key.prefix, table: route.key.table, metric: route.key.metric,
            nextHops: route.nextHops.compactMap { nextHop in
                peers[nextHop.peer].map { peer in
                    NextHopConfiguration(
                        peer: peer.name, via: nextHop.via ?? peer.destinationAddress,
                        interface: nextHop.interface ?? peer.interface, weight: nextHop.weight,
                        isOnLink: nextHop.isOnLink)
                }
            }, policy: route.policy,
            rule: route.rulePriority.map {
                RuleConfiguration(priority: $0, keepsMainFirst: route.keepsMainFirst)
            }, resilience: route.resilience)
    }
}

extension PeerConfiguration {
    init(_ peer: DaemonConfiguration.Peer) {
        let path = Path(
            destination: IPAddress(peer.destinationAddress),
            source: peer.sourceAddress.map { IPAddress($0) },
            isBoundToInterface: peer.interface != nil,
            transport: peer.transport)
        var session = SessionConfiguration(
            path: path, role: peer.role == .active ? .active : .passive,
            desiredMinTxInterval: peer.desiredMinTxInterval,
            requiredMinRxInterval: peer.requiredMinRxInterval,
            detectMultiplier: peer.localMultiplier, minimumTTL: peer.minimumTTL,
            strictSource: peer.isSourceStrict,
            controlPlaneIndependent: peer.isControlPlaneIndependent,
            demandMode: peer.isDemandEnabled,
            adaptsToCongestion: peer.isCongestionControlled, startDelay: peer.startDelay)
        session.remoteDiscriminator = peer.remoteDiscriminator
        session.pduSize = peer.pduSize
        session.desiredMinEchoTxInterval = peer.desiredMinEchoTxInterval
        session.requiredMinEchoRxInterval = peer.requiredMinEchoRxInterval
        session.acceptsStaleDiscriminator = peer.profile == .ovn
        self.init(
            name: peer.name, session: session, interface: peer.interface,
            trafficClass: peer.dscp << 2, policy: ClientPolicy(holdTime: peer.failureHoldTime))
        echoSource = peer.echoSourceAddress.map { IPAddress($0) }
    }
}

extension UnsolicitedPeers {
    init(_ peers: DaemonConfiguration.Unsolicited, _ keyChain: KeyChain?) {
        self.init(
            template: UnsolicitedTemplate(
                prefix: AddressPrefix(
                    address: IPAddress(peers.prefix.address), bitCount: UInt8(peers.prefix.length)),
                desiredMinTxInterval: peers.desiredMinTxInterval,
                requiredMinRxInterval: peers.requiredMinRxInterval,
                detectMultiplier: peers.localMultiplier,
                maximumSessionCount: peers.maximumSessions),
            interface: peers.interface, keyChain: keyChain)
    }
}

extension DaemonConfiguration.Peer {
    /// What the kept discriminator is found by: the pair of addresses and the interface.
    var discriminatorKey: String {
        "\(sourceAddress.map { "\($0)" } ?? "*") \(destinationAddress) \(interface ?? "*")"
            + (isMultihop ? " multihop" : "")
            + (isUnaffiliatedEcho ? " unaffiliated" : "")
    }

    /// Which rules the peer's session follows.
    var transport: Transport {
        if isUnaffiliatedEcho { return .unaffiliatedEcho }
        return isMultihop ? .multihop : .singleHop
    }
}
