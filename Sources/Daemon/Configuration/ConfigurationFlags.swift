internal import RouteCore

/// The configuration of a `run` without a file: each property is an option of the command line.
///
/// The options become the same values as a file's text does and meet the same checks; a mistake is
/// reported under the option's name.
public struct ConfigurationFlags: Sendable, Hashable {
    /// `--namespace`: a name or a path.
    public var namespace: String?
    /// `--peer`, each an address, or an address, `%` and an interface.
    public var peers: [String] = []
    /// `--route`, each a prefix; its next hops are all peers of its family.
    public var routes: [String] = []
    /// `--interval`: both intervals of all peers.
    public var interval: String?
    /// `--multiplier`: the local multiplier of all peers.
    public var multiplier: String?
    /// `--source`: our address.
    public var source: String?
    /// `--table`: the table of all routes.
    public var table: String?
    /// `--metric`: the metric of all routes.
    public var metric: String?
    /// `--on-admin-down` of all routes.
    public var onAdminDown: String?
    /// `--when-none-up` of all routes.
    public var whenNoneUp: String?
    /// `--stop-routes`.
    public var stopRoutes: String?
    /// `--socket`: where the control socket is made.
    public var socket: String?
    /// `--state-directory`.
    public var stateDirectory: String?
    /// `--log-level`.
    public var logLevel: String?
    /// `--log-format`.
    public var logFormat: String?

    /// No option at all.
    public init() {}

    /// Whether no option was given.
    public var isEmpty: Bool { self == ConfigurationFlags() }

    /// The configuration these options amount to, or all mistakes in them.
    public func read() -> ConfigurationReport {
        let problems = ProblemCollector()
        if peers.isEmpty {
            problems.error(
                Place(option: "--peer", order: 0),
                "at least one peer is needed, such as --peer 10.9.0.1")
        }
        for route in routes where !peers.isEmpty && isWithoutPeers(route) {
            problems.error(
                Place(option: "--route \(ConfigurationValue.excerpt(route))", order: 0),
                "no --peer is of its family, and a route leads over those that are")
        }
        let configuration = TopLevelReader(problems).read(value)
        return ConfigurationReport(
            file: "command line", configuration: configuration, problems: problems)
    }

    /// The same values as a file would hold.
    var value: ConfigurationValue {
        var root = Builder()
        root.add("namespace", namespace, "--namespace")
        root.add("state-directory", stateDirectory, "--state-directory")
        root.add("stop-routes", stopRoutes, "--stop-routes")
        var control = Builder()
        control.add("socket", socket, "--socket")
        root.add("control", control)
        var log = Builder()
        log.add("level", logLevel, "--log-level")
        log.add("format", logFormat, "--log-format")
        root.add("log", log)
        var defaults = Builder()
        defaults.add("desired-min-tx-interval", interval, "--interval")
        // A mistake in the one option is one mistake, not two.
        if let interval, let microseconds = try? DurationReader.microseconds(interval),
            SessionKeys.intervalRange.contains(microseconds)
        {
            defaults.add("required-min-rx-interval", interval, "--interval")
        }
        defaults.add("local-multiplier", multiplier, "--multiplier")
        defaults.add("source-addr", source, "--source")
        root.add("defaults", defaults)
        root.add("peers", list: peers.map(Self.peer), "--peer")
        root.add("routes", list: routes.filter { !isWithoutPeers($0) }.map(route), "--route")
        return root.value
    }

    private static func peer(_ text: String) -> ConfigurationValue {
        let option = "--peer \(ConfigurationValue.excerpt(text))"
        let parts = text.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
        var peer = Builder(option: option)
        peer.add("dest-addr", parts.first.map(String.init), option)
        if parts.count == 2 { peer.add("interface", String(parts[1]), option) }
        return peer.value
    }

    private func route(_ prefix: String) -> ConfigurationValue {
        let option = "--route \(ConfigurationValue.excerpt(prefix))"
        var route = Builder(option: option)
        route.add("prefix", prefix, option)
        route.add("table", table, "--table")
        route.add("metric", metric, "--metric")
        route.add("on-admin-down", onAdminDown, "--on-admin-down")
        route.add("when-none-up", whenNoneUp, "--when-none-up")
        route.add(
            "next-hops",
            list: nextHops(of: prefix).map { peer in
                var nextHop = Builder(option: option)
                nextHop.add("peer", Self.name(peer), option)
                return nextHop.value
            }, option)
        return route.value
    }

    /// All peers of a prefix's family.
    private func nextHops(of prefix: String) -> [String] {
        let family = (try? Prefix(parsing: prefix))?.family
        return peers.filter { peer in
            let address = peer.split(separator: "%").first.flatMap { HostAddress(String($0)) }
            return address != nil && (family == nil || address?.family == family)
        }
    }

    /// Whether a prefix is fine, and so are all peers, but none is of its family.
    private func isWithoutPeers(_ prefix: String) -> Bool {
        let areAddresses = peers.allSatisfy { peer in
            peer.split(separator: "%").first.flatMap { HostAddress(String($0)) } != nil
        }
        return areAddresses && (try? Prefix(parsing: prefix)) != nil
            && nextHops(of: prefix).isEmpty
    }

    /// The name that a peer without one gets: see `PeerReader`.
    private static func name(_ peer: String) -> String {
        let parts = peer.split(separator: "%", maxSplits: 1)
        guard let address = parts.first.flatMap({ HostAddress(String($0)) }) else { return peer }
        return address.isLinkLocal && parts.count == 2 ? "\(address)%\(parts[1])" : "\(address)"
    }
}

extension ConfigurationFlags {
    /// Makes a mapping out of options.
    private struct Builder {
        private var entries: [ConfigurationValue.Entry] = []
        private let place: Place

        init(option: String = "command line") {
            place = Self.place(option)
        }

        var value: ConfigurationValue {
            ConfigurationValue(place: place, content: .mapping(entries))
        }

        mutating func add(_ key: String, _ text: String?, _ option: String) {
            guard let text else { return }
            // Empty text counts as given, so that it is refused where a word is needed.
            let scalar = ConfigurationValue.Scalar(text: text, isQuoted: text.isEmpty)
            add(key, ConfigurationValue(place: Self.place(option), content: .scalar(scalar)))
        }

        mutating func add(_ key: String, _ child: Builder) {
            if !child.entries.isEmpty { add(key, child.value) }
        }

        mutating func add(_ key: String, list: [ConfigurationValue], _ option: String) {
            add(key, ConfigurationValue(place: Self.place(option), content: .sequence(list)))
        }

        private mutating func add(_ key: String, _ value: ConfigurationValue) {
            entries.append(.init(key: key, keyPlace: value.place, value: value))
        }

        private static func place(_ option: String) -> Place {
            Place(option: option, order: 0)
        }
    }
}
