internal import BFDCore
internal import BFDDriver
internal import ControlProtocol
internal import Gatewatch
internal import Glibc
internal import Logging
internal import NodeCore
internal import NodeSurvey
internal import RouteController
internal import RouteCore

extension Daemon {
    /// Answers one request of a control client.
    func answer(_ request: Request, _ connection: ControlConnection) {
        do throws(Failure) {
            switch request {
            case .version: connection.send(.version(version))
            case .status(let peer): connection.send(.status(try status(of: peer)))
            case .explain(let peer, let rows): try explain(peer, rows, connection)
            case .routes: connection.send(.routes(try routes()))
            case .events(let follow, let since): tellEvents(since ?? 0, follow, connection)
            case .capture(let peers): connection.send(try capture(peers))
            case .enablePeer(let name): connection.send(.peer(try set(name, isDown: false)))
            case .disablePeer(let name): connection.send(.peer(try set(name, isDown: true)))
            case .signalPeer(let name, let signal):
                connection.send(.signal(try tell(signal, to: name)))
            case .reload(let isDryRun, let discardsUnsaved):
                try reload(isDryRun, discardsUnsaved) { connection.send($0) }
            case .editPeer(let edit): try self.edit(edit) { connection.send($0) }
            case .drain: connection.send(.drain(try drainNode()))
            case .undrain: connection.send(.drain(try undrainNode()))
            case .drainProgress: connection.send(.drain(try drainProgress()))
            }
        } catch {
            connection.send(.error(error))
        }
    }

    private var version: VersionReport {
        VersionReport(
            version: ProductVersion.text, processID: getpid(), startTime: started,
            namespace: configuration.namespace)
    }

    private func tellEvents(_ since: UInt64, _ waits: Bool, _ connection: ControlConnection) {
        let page = log.page(since: since)
        if waits, page.events.isEmpty {
            server.follow(connection)
        } else {
            connection.send(.events(page))
        }
    }

    private func capture(_ peers: [String]) throws(Failure) -> PacketCapture {
        try refuseWhileStopping()
        do throws(GatewatchError) {
            return try gatewatch.capture(peers: peers)
        } catch {
            if case .unknownPeer(let name) = error { throw .unknownPeer(name) }
            throw Self.failure(error)
        }
    }

    func refuseWhileStopping() throws(Failure) {
        guard shutdown == nil else { throw .stopping() }
    }

    private func set(_ name: String, isDown: Bool) throws(Failure) -> PeerReport {
        try refuseWhileStopping()
        let before = try snapshot().peers.first { $0.configuration.name == name }
        guard let before else { throw .unknownPeer(name) }
        if drain != nil { throw .drained }
        do throws(GatewatchError) {
            try gatewatch.setAdministrativelyDown(isDown, peer: name)
        } catch {
            throw .unknownPeer(name)
        }
        let wasDown = before.configuration.session.isAdministrativelyDown
        logger.notice("peer \(name) \(isDown ? "disabled" : "enabled") by an operator")
        return PeerReport(
            name: name, isAdministrativelyDown: isDown, hasChanged: wasDown != isDown)
    }

    func snapshot() throws(Failure) -> SessionsSnapshot {
        do throws(GatewatchError) {
            return try gatewatch.sessions()
        } catch {
            throw Self.failure(error)
        }
    }

    private func routes() throws(Failure) -> RoutesReport {
        do throws(GatewatchError) {
            var report = RoutesReport(routes: try gatewatch.routes().map { RouteStatus($0) })
            report.changes = routeChanges.status
            return report
        } catch {
            throw Self.failure(error)
        }
    }

    private func status(of name: String?) throws(Failure) -> StatusReport {
        let snapshot = try snapshot()
        let holding = Self.prefixesByPeer(try routes())
        let sessions = snapshot.peers.map { peer in
            SessionStatus(peer, self, routes: holding[peer.configuration.name] ?? [])
        }
        var report = StatusReport(
            sessions: sessions, summary: SessionSummary(counting: sessions),
            discards: snapshot.discards.byName)
        report.punctuality = PunctualityStatus(snapshot.punctuality)
        report.namespace = follower?.status()
        report.linkGuard = LinkGuardStatus(links)
        report.configuration = keeper?.status
        report.isDrained = drain != nil
        report.clients = service.counts.current
        report.privileges = privileges.status
        guard let name else { return report }
        guard let place = sessions.firstIndex(where: { $0.name == name }) else {
            throw .unknownPeer(name)
        }
        report.sessions = [sessions[place]]
        report.sessions[0].punctuality = PunctualityStatus(snapshot.peers[place].snapshot.session)
        return report
    }

    private static func prefixesByPeer(_ report: RoutesReport) -> [String: [String]] {
        var prefixes: [String: [String]] = [:]
        for route in report.routes {
            for nextHop in route.nextHops where nextHop.isInstalled {
                prefixes[nextHop.peer, default: []].append(route.prefix)
            }
        }
        return prefixes
    }

    static func failure(_ error: GatewatchError) -> Failure {
        Failure(
            code: .internal, message: DaemonError(error).description,
            nextStep: "See the daemon's log.")
    }
}

extension LinkGuardStatus {
    init(_ gate: LinkGate) {
        self.init(
            protectedLinks: gate.patterns,
            refusals: gate.refusals.map { refusal in
                Refusal(
                    change: refusal.last.change.rawValue, reason: refusal.last.reason.name,
                    count: refusal.count, link: refusal.last.link,
                    cause: refusal.last.description)
            })
    }
}
