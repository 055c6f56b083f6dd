internal import BFDCore

/// Reads a whole configuration from its outermost mapping.
struct TopLevelReader {
    private static let schema = MappingReader.Schema(
        subject: "the file",
        keys: [
            "namespace", "namespace-timeout", "defaults", "peers", "routes", "control",
            "state-directory", "stop-routes", "stop-hold", "next-hop-objects", "realtime", "log",
            "unsolicited", "protected-links", "metrics",
        ],
        laterKeys: ["profiles", "profile", "authentication", "sbfd"])
    private static let defaultsSchema = MappingReader.Schema(
        subject: "defaults", keys: SessionKeys.keys, laterKeys: SessionKeys.laterKeys)
    private static let controlSchema = MappingReader.Schema(
        subject: "control", keys: ["socket"], laterKeys: ["group", "listen", "mode"])
    private static let logSchema = MappingReader.Schema(
        subject: "log", keys: ["level", "format"], laterKeys: [])

    let problems: ProblemCollector
    /// What relative paths start from; nil for the process's own directory.
    var directory: String?
    private var scalars: ScalarReader { ScalarReader(problems) }

    init(_ problems: ProblemCollector) {
        self.problems = problems
    }

    /// The configuration; only of use when no error was reported.
    func read(_ root: ConfigurationValue) -> DaemonConfiguration? {
        guard let mapping = MappingReader(root, Self.schema, problems) else { return nil }
        var defaults = SessionKeys()
        if let reader = child(mapping, "defaults", Self.defaultsSchema) {
            defaults = SessionKeys(reader, problems)
        }
        if !mapping.has("unsolicited") {
            _ = mapping.requiredValue(
                "peers", of: "the file", hint: "such as peers: [{dest-addr: 10.9.0.1}]")
        }
        let peerItems = mapping.list("peers")
        var candidates = PeerReader(problems: problems, defaults: defaults).read(peerItems ?? [])
        let secrets = SecretChecker(problems: problems, directory: directory)
        secrets.check(&candidates)
        let unsolicited = UnsolicitedReader(
            problems: problems, defaults: defaults, secrets: secrets
        ).read(mapping.list("unsolicited") ?? [])
        if let authentication = defaults.authentication,
            unsolicited.contains(where: { $0.authentication == nil })
        {
            problems.warning(
                authentication.place,
                "the authentication of defaults does not hold for unsolicited sessions; give "
                    + "each entry its own")
        }
        if let peerItems, peerItems.isEmpty, unsolicited.isEmpty, mapping.place.option == nil {
            problems.warning(mapping.place, "the list of peers is empty: there is nothing to do")
        }
        candidates.forEach { $0.warn(problems) }
        var routeReader = RouteReader(problems, peers: peerItems == nil ? nil : candidates)
        let routes = routeReader.read(mapping.list("routes") ?? [])
        var configuration = DaemonConfiguration(
            namespace: namespace(mapping), peers: candidates.compactMap(\.peer), routes: routes)
        configuration.unsolicited = unsolicited
        let timeout = scalars.duration(
            mapping.value("namespace-timeout"), "namespace-timeout", in: 0...3_600_000_000)
        if let timeout { configuration.namespaceTimeout = Nanoseconds(timeout.value * 1_000) }
        readStop(mapping, &configuration)
        readFiles(mapping, &configuration)
        configuration.protectedLinks = LinkNamesReader(problems).read(
            mapping.list("protected-links") ?? [], "protected-links")
        configuration.realTime = RealTimeReader(problems).read(
            mapping.value("realtime"), peers: configuration.peers)
        configuration.metrics = MetricsReader(problems).read(mapping.value("metrics"))
        readLog(mapping, &configuration)
        return configuration
    }

    private func child(
        _ mapping: MappingReader, _ key: String, _ schema: MappingReader.Schema
    ) -> MappingReader? {
        mapping.value(key).flatMap { MappingReader($0, schema, problems) }
    }

    private func namespace(_ mapping: MappingReader) -> String? {
        guard let text = scalars.text(mapping.value("namespace"), "namespace") else { return nil }
        let name = text.value
        let isPath = name.hasPrefix("/")
        let isName =
            (1...255).contains(name.utf8.count) && name != "." && name != ".."
            && !name.contains { $0 == "/" || $0.isWhitespace || $0.isNewline }
        guard isName || isPath && name.utf8.count < 4_096 else {
            problems.error(
                text.place,
                "namespace \"\(ConfigurationValue.excerpt(name))\" is neither a name "
                    + "nor an absolute path (allowed: such as ovnext or /run/netns/ovnext)")
            return nil
        }
        return name
    }

    private func readStop(_ mapping: MappingReader, _ configuration: inout DaemonConfiguration) {
        let stopRoutes = scalars.word(
            mapping.value("stop-routes"), "stop-routes", as: DaemonConfiguration.StopRoutes.self)
        if let stopRoutes { configuration.stopRoutes = stopRoutes.value }
        let hold = scalars.duration(
            mapping.value("stop-hold"), "stop-hold", in: 0...300_000_000)
        if let hold { configuration.stopHold = Nanoseconds(hold.value * 1_000) }
        let usesObjects = scalars.bool(mapping.value("next-hop-objects"), "next-hop-objects")
        guard let usesObjects else { return }
        configuration.usesNextHopObjects = usesObjects.value
        if !usesObjects.value, configuration.routes.contains(where: { $0.resilience != nil }) {
            problems.warning(
                usesObjects.place,
                "without next-hop objects there are no resilient groups: flows move when next "
                    + "hops change")
        }
    }

    private func readFiles(_ mapping: MappingReader, _ configuration: inout DaemonConfiguration) {
        if let control = child(mapping, "control", Self.controlSchema),
            let path = path(control.value("socket"), "socket", maximumByteCount: 107)
        {
            configuration.controlSocket = path
        }
        if let path = path(
            mapping.value("state-directory"), "state-directory", maximumByteCount: 4_000)
        {
            configuration.stateDirectory = path
        }
    }

    private func path(
        _ value: ConfigurationValue?, _ key: String, maximumByteCount: Int
    ) -> String? {
        guard let text = scalars.text(value, key) else { return nil }
        guard text.value.hasPrefix("/"), text.value.utf8.count <= maximumByteCount,
            text.value.count > 1
        else {
            problems.error(
                text.place,
                "\(key) \"\(ConfigurationValue.excerpt(text.value))\" cannot be used "
                    + "(allowed: an absolute path of at most \(maximumByteCount) octets)")
            return nil
        }
        return text.value
    }

    private func readLog(_ mapping: MappingReader, _ configuration: inout DaemonConfiguration) {
        guard let log = child(mapping, "log", Self.logSchema) else { return }
        let level = scalars.word(log.value("level"), "level", as: DaemonConfiguration.LogLevel.self)
        if let level { configuration.log.level = level.value }
        let format = scalars.word(
            log.value("format"), "format", as: DaemonConfiguration.LogFormat.self)
        if let format { configuration.log.format = format.value }
    }
}
