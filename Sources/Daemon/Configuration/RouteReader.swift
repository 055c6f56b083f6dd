internal import RouteCore

/// Reads `routes`, against the peers that were read before.
struct RouteReader {
    private static let schema = MappingReader.Schema(
        subject: "a route",
        keys: [
            "prefix", "table", "metric", "next-hops", "on-admin-down", "when-none-up",
            "before-first-up", "rule", "hold-up", "dampening", "resilient",
        ],
        laterKeys: ["source", "gateway-group"])
    private static let nextHopSchema = MappingReader.Schema(
        subject: "a next hop", keys: ["peer", "weight", "via", "interface", "on-link"],
        laterKeys: [])

    /// The number of the table `main`.
    static let mainTable: UInt32 = 254
    /// The most next hops of one route: what fits one netlink message.
    static let maximumNextHopCount = 256

    let problems: ProblemCollector
    private let peers: [String: PeerReader.Candidate]
    private let isPeerListKnown: Bool
    private var keyPlaces: [RouteKey: Place] = [:]

    /// `peers` is nil when there was no list of them to read.
    init(_ problems: ProblemCollector, peers: [PeerReader.Candidate]?) {
        self.problems = problems
        isPeerListKnown = peers != nil
        let peers = peers ?? []
        self.peers = Dictionary(peers.map { ($0.name, $0) }) { first, _ in first }
    }

    /// All routes that have a prefix, in the order of the file.
    mutating func read(_ items: [ConfigurationValue]) -> [DaemonConfiguration.Route] {
        var routes: [DaemonConfiguration.Route] = []
        for item in items {
            if let route = read(item) { routes.append(route) }
        }
        return routes
    }

    private mutating func read(_ item: ConfigurationValue) -> DaemonConfiguration.Route? {
        guard let mapping = MappingReader(item, Self.schema, problems) else { return nil }
        let scalars = ScalarReader(problems)
        let prefix = prefix(mapping)
        let table = table(mapping.value("table"))
        let metric = scalars.integer(mapping.value("metric"), "metric", in: 0...Int64(UInt32.max))
        let onAdminDown = scalars.word(
            mapping.value("on-admin-down"), "on-admin-down", as: RoutePolicy.OnAdminDown.self)
        let whenNoneUp = scalars.word(
            mapping.value("when-none-up"), "when-none-up", as: RoutePolicy.WhenNoneUp.self)
        let beforeFirstUp = scalars.word(
            mapping.value("before-first-up"), "before-first-up",
            as: RoutePolicy.BeforeFirstUp.self)
        let nextHops = nextHops(mapping, prefix?.value)
        var policy = RoutePolicy(
            onAdminDown: onAdminDown?.value ?? .withdraw,
            whenNoneUp: whenNoneUp?.value ?? .withdraw,
            beforeFirstUp: beforeFirstUp?.value ?? .withhold)
        readHysteresis(mapping, into: &policy)
        let tableIsKnown = table != nil || !mapping.has("table")
        let rule = rule(
            mapping, leadsToMain: tableIsKnown && (table?.value ?? Self.mainTable) == Self.mainTable
        )
        let resilience = resilience(mapping, nextHopCount: nextHops.count)
        // Only now, so that the mistakes of a route are told all at once.
        guard let prefix else { return nil }
        if let metric, metric.value == 0, prefix.value.family == .ipv6 {
            problems.warning(
                metric.place, "the kernel gives an IPv6 route with metric 0 the metric 1024")
        }
        let key = RouteKey(
            prefix: prefix.value, table: table?.value ?? Self.mainTable,
            metric: UInt32(metric?.value ?? 0))
        let metricIsKnown = metric != nil || !mapping.has("metric")
        if tableIsKnown, metricIsKnown { checkKey(key, prefix.place) }
        var route = DaemonConfiguration.Route(key: key, nextHops: nextHops, policy: policy)
        if let rule {
            route.rulePriority = rule.priority
            route.keepsMainFirst = rule.keepsMainFirst
        }
        route.resilience = resilience
        return route
    }

    private func prefix(_ mapping: MappingReader) -> Placed<Prefix>? {
        let value = mapping.requiredValue(
            "prefix", of: "a route", hint: "such as 0.0.0.0/0 for the default route")
        return ScalarReader(problems).prefix(value)
    }

    private func table(_ value: ConfigurationValue?) -> Placed<UInt32>? {
        if let value, case .scalar(let scalar) = value.content, scalar.text == "main" {
            return Placed(value: Self.mainTable, place: value.place)
        }
        return ScalarReader(problems).integer(
            value, "table", in: 1...Int64(UInt32.max), orWord: "main"
        ).map {
            Placed(value: UInt32($0.value), place: $0.place)
        }
    }

    private mutating func checkKey(_ key: RouteKey, _ place: Place) {
        if let first = keyPlaces[key] {
            problems.error(
                place,
                "a second route \(key) (the first is \(first.reference)); prefix, table "
                    + "and metric together must differ")
        } else {
            keyPlaces[key] = place
        }
    }

    private func nextHops(
        _ mapping: MappingReader, _ prefix: Prefix?
    ) -> [DaemonConfiguration.NextHop] {
        _ = mapping.requiredValue("next-hops", of: "a route", hint: "such as [{peer: tor-a}]")
        guard let items = mapping.list("next-hops") else { return [] }
        if items.isEmpty {
            problems.error(mapping.place, "a route needs at least one next hop (allowed: 1 to 256)")
        } else if items.count > Self.maximumNextHopCount {
            problems.error(
                items[Self.maximumNextHopCount].place,
                "\(items.count) next hops are too many (allowed: 1 to 256)")
        }
        var nextHops: [DaemonConfiguration.NextHop] = []
        var users: [String: Place] = [:]
        var gateways: [Gateway: String] = [:]
        for item in items.prefix(Self.maximumNextHopCount) {
            guard let hop = MappingReader(item, Self.nextHopSchema, problems) else { continue }
            let scalars = ScalarReader(problems)
            let weight = scalars.integer(hop.value("weight"), "weight", in: 1...256)
            let peer = scalars.text(
                hop.requiredValue("peer", of: "a next hop", hint: "it is a peer's name"), "peer")
            guard let peer else { continue }
            if let first = users.updateValue(peer.place, forKey: peer.value) {
                problems.error(
                    peer.place,
                    "peer \"\(ConfigurationValue.excerpt(peer.value))\" is in this "
                        + "route already (\(first.reference)); use weight for a larger share")
                continue
            }
            var nextHop = DaemonConfiguration.NextHop(
                peer: peer.value, weight: Int(weight?.value ?? 1))
            let via = scalars.address(hop.value("via"), "via")
            nextHop.via = via?.value
            nextHop.interface = scalars.text(hop.value("interface"), "interface")?.value
            nextHop.isOnLink = scalars.bool(hop.value("on-link"), "on-link")?.value ?? false
            if via != nil || !hop.has("via") { check(peer, nextHop, prefix, &gateways) }
            nextHops.append(nextHop)
        }
        return nextHops
    }

    /// Where a next hop leads: two of them must not lead to one place.
    private struct Gateway: Hashable {
        let address: HostAddress
        let interface: String?
    }

    private func check(
        _ peer: Placed<String>, _ nextHop: DaemonConfiguration.NextHop, _ prefix: Prefix?,
        _ gateways: inout [Gateway: String]
    ) {
        guard isPeerListKnown else { return }
        guard let candidate = peers[peer.value], !peer.value.isEmpty else {
            let hint = Spelling.suggestion(for: peer.value, among: peers.keys.sorted())
            problems.error(
                peer.place,
                "no peer is named \"\(ConfigurationValue.excerpt(peer.value))\""
                    + (hint.map { "; did you mean \"\($0)\"?" } ?? "; names are under \"peers\""))
            return
        }
        guard let address = nextHop.via ?? candidate.destination?.value else { return }
        if candidate.session.isMultihop?.value == true, nextHop.via == nil {
            problems.warning(
                peer.place,
                "peer \"\(peer.value)\" is multihop: the kernel takes it as a next hop only where "
                    + "no router is in between")
        }
        if let prefix, prefix.family == .ipv6, address.family == .ipv4 {
            problems.error(
                peer.place,
                "the gateway \(address) of peer \"\(peer.value)\" is IPv4, but \(prefix) is an "
                    + "IPv6 prefix; give it an IPv6 gateway with via")
            return
        }
        let interface = nextHop.interface ?? candidate.session.interface?.value
        let isPlaced = address.family == .ipv4 || !address.isLinkLocal || nextHop.via == nil
        if interface == nil, nextHop.isOnLink || !isPlaced {
            problems.error(
                peer.place,
                "the gateway \(address) of peer \"\(peer.value)\" needs an interface; "
                    + "add: interface: NAME")
            return
        }
        let gateway = Gateway(address: address, interface: interface)
        if let other = gateways.updateValue(peer.value, forKey: gateway) {
            problems.error(
                peer.place,
                "peers \"\(other)\" and \"\(peer.value)\" have one address, \(address): "
                    + "a route can lead there once")
        }
    }
}
