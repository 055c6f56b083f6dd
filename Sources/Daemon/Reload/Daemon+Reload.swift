internal import BFDCore
internal import ControlProtocol
internal import Gatewatch
internal import LinuxSystem
internal import Logging
internal import NodeCore
internal import NodeSurvey
internal import RouteController

extension Daemon {
    /// What a configuration that is read again is compared with.
    var running: RunningConfiguration {
        RunningConfiguration(
            configuration: configuration, peers: gatewatch.peers(), routes: wantedRoutes,
            unsolicitedKeys: keyChains)
    }

    /// SIGHUP: reads the file again.
    func reloadBySignal() {
        guard keeper?.source.file != nil else {
            logger.notice("SIGHUP: there is no file to read again")
            supervision.reload()
            supervision.reloaded()
            return
        }
        keeper?.reload(by: "SIGHUP")
    }

    /// A client asks for it.
    func reload(
        _ isDryRun: Bool, _ discardsUnsaved: Bool, answer: @escaping (Reply) -> Void
    ) throws(Failure) {
        try refuseWhileStopping()
        guard keeper?.source.file != nil else {
            throw Failure(
                code: .notPossible, message: "the daemon was started without a file to read again",
                nextStep: "Change peers with \"gatewatch peer set\", or start it with a file.")
        }
        keeper?.take(
            ConfigurationKeeper.Order(
                purpose: .reload(
                    by: "gatewatch reload", isDryRun: isDryRun, discardsUnsaved: discardsUnsaved),
                answer: answer))
    }

    /// A configuration has been read: applies it, or says why not.
    func take(_ reading: ConfigurationReading, for order: ConfigurationKeeper.Order) {
        defer { if order.isReload { supervision.reloaded() } }
        do throws(Failure) {
            try refuseWhileStopping()
            if let refusal = reading.refusal { throw refusal }
            switch order.purpose {
            case .reload(let cause, let isDryRun, _):
                let report = try reload(reading, by: cause, isDryRun: isDryRun)
                order.answer?(.reload(report))
            case .edit(let edit): order.answer?(.edit(try apply(edit, reading)))
            }
        } catch {
            if case .reload(let cause, false, _) = order.purpose { tell(refusal: error, cause) }
            order.answer?(.error(error))
        }
    }

    private func reload(
        _ reading: ConfigurationReading, by cause: String, isDryRun: Bool
    ) throws(Failure) -> ReloadReport {
        let file = keeper?.source.name ?? ""
        guard let wanted = reading.configuration else { throw .badFile(file, reading) }
        let difference = ConfigurationDifference(
            from: running, to: wanted, reading.keyChains)
        var report = difference.report
        report.file = file
        report.warnings = reading.lines
        report.unsaved = reading.overlay.unsaved
        report.dropped = keeper?.overlay.dropped(in: reading.overlay) ?? []
        guard !isDryRun else { return report }
        report.outcome = difference.isEmpty ? .unchanged : .applied
        try apply(difference, wanted, reading.keyChains)
        keeper?.overlay = reading.overlay
        keeper?.follow(wanted)
        noteApplied(report)
        tell(report, by: cause)
        return report
    }

    /// Has what runs follow; what is refused leaves it as it was.
    ///
    /// Changes of one peer leave the secrets of others as they are.
    func apply(
        _ difference: ConfigurationDifference, _ wanted: DaemonConfiguration, _ keyChains: KeyChains
    ) throws(Failure) {
        guard !difference.isEmpty else { return }
        var change = difference.change
        do throws(DaemonError) {
            if wanted.sessionCount > sessionCapacity { throw .tooMany(wanted, sessionCapacity) }
            if change.routes?.isEmpty == false, configuration.routes.isEmpty { try checkRights() }
            try Self.allowDescriptors(for: wanted)
        } catch {
            throw .refused(error)
        }
        var store = DiscriminatorStore(directory: configuration.stateDirectory)
        let peers = Dictionary(
            difference.result.peers.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        prepare(&change, peers, store)
        do throws(GatewatchError) {
            let discriminators = try gatewatch.apply(change)
            for (name, discriminator) in discriminators {
                if let peer = peers[name] { store.set(discriminator, for: peer.discriminatorKey) }
            }
            if !discriminators.isEmpty { store.save() }
        } catch {
            throw .refused(DaemonError(error))
        }
        for name in change.removed {
            sequences.end(name)
            lastCauses[name] = nil
        }
        sequences.start(loop)
        take(difference, keyChains)
    }

    /// Whether routes may be changed, where there were none at the start.
    private func checkRights() throws(DaemonError) {
        let kept = privileges.plan.kept.effective
        guard !kept.contains(.netAdmin) else { return }
        throw DaemonError(
            code: "rights",
            "the right to change routes was given up, for there were none at the start",
            nextStep: "Restart the daemon.")
    }

    /// What sessions take over from runs before, and from the state of the node.
    private func prepare(
        _ change: inout ConfigurationChange, _ peers: [String: DaemonConfiguration.Peer],
        _ store: DiscriminatorStore
    ) {
        func prepare(_ peer: inout PeerConfiguration, isNew: Bool) {
            guard let configuration = peers[peer.name] else { return }
            peer.transmitSequence = sequences.begin(
                configuration, peer.keyChain, isNew: isNew)
            guard isNew else { return }
            peer.session.localDiscriminator =
                store.discriminator(for: configuration.discriminatorKey)
            if drain != nil { peer.session.isAdministrativelyDown = true }
        }
        for place in change.added.indices { prepare(&change.added[place], isNew: true) }
        for place in change.restarted.indices { prepare(&change.restarted[place], isNew: true) }
        for place in change.updated.indices { prepare(&change.updated[place], isNew: false) }
        sequences.saveFirst()
    }

    /// What is in force from now on.
    private func take(_ difference: ConfigurationDifference, _ keyChains: KeyChains) {
        configuration = difference.result
        configuration.peers = []
        if let routes = difference.change.routes { wantedRoutes = routes }
        // Those who may start sessions were looked at only where all was.
        if difference.isWhole {
            self.keyChains = keyChains
            self.keyChains.forgetPeers()
        }
        logSettings.set(configuration.log)
        links.setPatterns(configuration.protectedLinks)
    }

    private func noteApplied(_ report: ReloadReport) {
        guard let keeper else { return }
        keeper.status.errors = []
        keeper.status.refusedAt = nil
        keeper.status.needsRestart = report.settings.filter(\.needsRestart).map(\.key)
        keeper.status.unsaved = keeper.overlay.unsaved
        guard report.outcome == .applied else { return }
        keeper.status.since = present
        keeper.status.appliedCount += 1
    }

    private func tell(_ report: ReloadReport, by cause: String) {
        for line in report.warnings { logger.warning("\(line)") }
        for setting in report.settings where setting.needsRestart {
            logger.warning(
                "needs a restart: \(setting.key) \(setting.from) -> \(setting.to)")
        }
        for peer in report.dropped {
            logger.warning("peer \(peer.name), \(peer.change.rawValue) at run time: the file wins")
        }
        let text = "configuration read again (\(cause)): \(report.summary)"
        guard report.outcome == .applied else { return logger.info("\(text)") }
        record(.daemon, cause: text)
        logger.notice("\(text)")
    }

    private var present: Timestamp {
        Timestamp(realtimeNanoseconds: Clock.realtimeNanoseconds())
    }

    private func tell(refusal: Failure, _ cause: String) {
        let lines = refusal.details ?? [refusal.message]
        keeper?.status.errors = lines
        keeper?.status.refusedAt = present
        keeper?.status.refusedCount += 1
        for line in lines { logger.error("\(line)") }
        let text =
            "configuration read again (\(cause)) and refused, what runs goes on: \(refusal.message)"
        record(.daemon, cause: text)
        logger.error("\(text)")
    }
}

extension ConfigurationDifference {
    /// Whether what runs is what is wanted.
    var isEmpty: Bool { report.isEmpty && change.isEmpty }
}

extension ReloadReport {
    /// How much has changed, such as `peers 1 added, 2 changed; log.level info -> debug`.
    var summary: String {
        var parts: [String] = []
        let kinds = [("peers", peers), ("routes", routes), ("unsolicited", unsolicited)]
        for (name, changes) in kinds where !changes.isEmpty {
            parts.append("\(name) \(changes.counts)")
        }
        parts += settings.map { "\($0.key) \($0.from) -> \($0.to)" }
        return parts.isEmpty ? "nothing has changed" : parts.joined(separator: "; ")
    }
}

extension ReloadReport.Changes {
    /// Such as `1 added (tor-c), 99 unchanged`.
    var counts: String {
        let named = [
            ("added", added), ("changed", changed.map(\.name)), ("removed", removed),
        ]
        var parts = named.filter { !$0.1.isEmpty }.map { kind, names in
            let shown = names.prefix(3).joined(separator: ", ") + (names.count > 3 ? ", …" : "")
            return "\(names.count) \(kind) (\(shown))"
        }
        parts.append("\(unchangedCount) unchanged")
        return parts.joined(separator: ", ")
    }
}

extension Failure {
    static func badFile(_ file: String, _ reading: ConfigurationReading) -> Failure {
        let count = reading.errorCount
        return Failure(
            code: .badConfiguration,
            message: "\(file) has \(count) error\(count == 1 ? "" : "s"); what was in force "
                + "still is",
            nextStep: "Correct it; \"gatewatch check \(file)\" shows what is left.",
            details: reading.lines)
    }

    /// What the node refuses of a configuration without mistakes.
    static func refused(_ error: DaemonError) -> Failure {
        let finding =
            switch error {
            case .finding(let finding): finding
            }
        return Failure(
            code: .notPossible,
            message: "\(finding.cause) [\(finding.code)]; what was in force still is",
            nextStep: finding.nextStep)
    }
}

extension DaemonError {
    static func tooMany(_ wanted: DaemonConfiguration, _ capacity: Int) -> DaemonError {
        DaemonError(
            code: "capacity",
            "\(wanted.sessionCount) sessions are more than the \(capacity) there is room for since "
                + "the start",
            nextStep: "Restart the daemon: routes stay, and peers know it again.")
    }
}
