internal import BFDAuthentication
internal import BFDCore
internal import BFDDriver
internal import ControlProtocol
internal import EventLoop
internal import Gatewatch
internal import Glibc
internal import LinuxSystem
internal import Logging
internal import NodeCore
internal import NodeSurvey
internal import RouteController
internal import RouteCore

/// The daemon: sessions and routes of a configuration, steered over the control socket.
///
/// Its own loop, in the main thread, serves signals and control clients; sessions and routes have
/// threads of their own.
public final class Daemon {
    /// What the daemon was told, but for the peers: they are the sessions' by now.
    var configuration: DaemonConfiguration
    let gatewatch: Gatewatch
    let logger: Logger
    let loop: EventLoop
    let started = Timestamp(realtimeNanoseconds: Clock.realtimeNanoseconds())
    var log = EventLog()
    var lastCauses: [String: LastCause] = [:]
    let service: HTTPService
    let server: ControlServer
    var routeChanges = RouteChangeCounter()
    let inquiries: Inquiries
    var shutdown: Shutdown?
    /// The daemon whose sessions were taken over, until it has ended.
    private var predecessor: Predecessor?
    /// Where a successor asks; nil when that is not possible.
    var door: HandoverDoor?
    /// Whether sessions and routes are another process's by now.
    var isHandedOver = false
    /// Whether the peers are told of the end: no operator disabled their sessions.
    var isStopping = false
    /// Out of service at an operator's wish; nil while in service.
    var drain: Drain?
    /// Has the configuration read again; nil before the start.
    private(set) var keeper: ConfigurationKeeper?
    /// The routes that are kept.
    var wantedRoutes: [RouteConfiguration]
    /// How many sessions there is room for.
    let sessionCapacity: Int
    let logSettings: LogSettings
    /// Follows the name of the namespace; nil without one.
    var follower: NamespaceFollower?
    /// Stands before every change of a link.
    let links: LinkGate
    let privileges: Privileges
    /// Tells a service manager how we are.
    let supervision: Supervision
    private var store: DiscriminatorStore
    /// The secrets; once the start is over, of those who may start sessions only.
    var keyChains: KeyChains
    let sequences: SequenceKeeper
    /// What stands in OpenBFDD's place; nil for a daemon of our own.
    let beacon: Beacon?
    let memory: SessionKeeper
    let sockets: SocketKeeper
    private var watchers: [DescriptorWatcher] = []
    private var signals: [SignalWatcher] = []

    /// Runs until SIGTERM or SIGINT has been obeyed.
    ///
    /// What has been read from a file is read again when the file changes. Throws when it cannot
    /// start; nothing has been changed on the node then.
    ///
    /// `takingOver` goes on with the sessions of the daemon that runs with the same state
    /// directory, which ends then. `warnings` are logged first.
    public static func run(
        _ configuration: consuming DaemonConfiguration, from source: ConfigurationSource,
        takingOver: Bool = false, warnings: [String] = []
    ) throws(DaemonError) {
        try run(
            configuration, from: source, takingOver: takingOver, warnings: warnings, beacon: nil)
    }

    static func run(
        _ configuration: consuming DaemonConfiguration, from source: ConfigurationSource,
        takingOver: Bool = false, warnings: [String] = [], beacon: Beacon?
    ) throws(DaemonError) {
        let passed = PassedSocket.takeAll()
        signal(SIGPIPE, SIG_IGN)
        // Until there is something to reload.
        signal(SIGHUP, SIG_IGN)
        ProcessMemory.separateLargeBlocks()
        let log = LogSettings(configuration.log)
        let output = LogOutput()
        let logger = Logger(label: "gatewatch") { _ in LineLogHandler(log, output) }
        for warning in warnings { logger.warning("\(warning)") }
        var predecessor: Predecessor?
        if takingOver {
            predecessor = try Predecessor.found(in: configuration.stateDirectory, logger)
            if let terms = predecessor?.terms { configuration.take(terms.overlay, over: source) }
        }
        let ground = try Ground(
            copy configuration, logger, predecessor, passed,
            hasOtherLeft: takingOver && predecessor == nil)
        do throws(DaemonError) {
            try serve(consume configuration, source, logger, log, ground, beacon)
        } catch {
            ground.server.close(keepingName: ground.predecessor != nil)
            throw error
        }
    }

    private static func serve(
        _ configuration: consuming DaemonConfiguration, _ source: ConfigurationSource,
        _ logger: Logger, _ log: LogSettings, _ ground: Ground, _ beacon: Beacon?
    ) throws(DaemonError) {
        let outcome = try ground.enter(configuration, logger)
        switch outcome {
        case .interrupted: ground.server.close()
        case .open(let finding):
            let daemon = try Daemon(consume configuration, logger, log, ground, beacon)
            try daemon.start(finding, source)
            daemon.loop.run()
            daemon.finish()
        }
    }

    private init(
        _ configuration: DaemonConfiguration, _ logger: Logger, _ log: LogSettings,
        _ ground: Ground, _ beacon: Beacon?
    ) throws(DaemonError) {
        self.beacon = beacon
        self.configuration = configuration
        self.logger = logger
        predecessor = ground.predecessor
        logSettings = log
        keyChains = ground.keyChains
        loop = ground.loop
        service = ground.service
        server = ground.server
        privileges = ground.privileges
        supervision = ground.supervision
        links = LinkGate(protected: configuration.protectedLinks)
        do throws(SystemError) {
            inquiries = try Inquiries()
        } catch {
            throw DaemonError(.driver(.system(error)))
        }
        store = DiscriminatorStore(directory: configuration.stateDirectory)
        do throws(SystemError) {
            sockets = try SocketKeeper(
                ground.passed, supervision.notifier, configuration, logger,
                isPatient: ground.hasOtherLeft)
        } catch {
            throw DaemonError(.driver(.system(error)))
        }
        do throws(GatewatchError) {
            var settings = GatewatchConfiguration(configuration, keyChains)
            settings.handover = ground.handover
            settings.store = beacon == nil ? sockets.storeInUse : nil
            settings.keptCapabilities = ground.privileges.plan.kept
            sessionCapacity = settings.sessionCapacity
            wantedRoutes = settings.routes
            gatewatch = try Gatewatch(settings)
        } catch {
            let path = configuration.namespace.map { NetworkNamespace.path(named: $0) }
            throw DaemonError(error, namespacePath: path)
        }
        do throws(SystemError) {
            sequences = try SequenceKeeper(
                directory: configuration.stateDirectory, gatewatch, logger)
            memory = try SessionKeeper(
                directory: configuration.stateDirectory, logger,
                sessionCount: configuration.peers.count, isNeeded: ground.handover == nil)
        } catch {
            throw DaemonError(.driver(.system(error)))
        }
        service.vitals.follow(gatewatch)
    }

    private func start(
        _ finding: Finding?, _ source: ConfigurationSource
    ) throws(DaemonError) {
        server.serve { [unowned self] request, connection in self.answer(request, connection) }
        inquiries.serve(loop) { [unowned self] inquiry, report in self.answer(inquiry, report) }
        if let warning = store.warning { logger.warning("\(warning)") }
        record(.daemon, cause: "started, version \(ProductVersion.text)")
        let peerCount = configuration.peers.count
        do throws(SystemError) {
            keeper = try ConfigurationKeeper(source, self)
        } catch {
            throw DaemonError(error)
        }
        do throws(GatewatchError) {
            try addPeers()
        } catch {
            throw DaemonError(error)
        }
        if let predecessor { try finishTakeOver(predecessor, peerCount) }
        predecessor = nil
        if beacon == nil { openHandoverDoor() }
        try follow(finding)
        // What reading the configuration took is several times what the sessions need.
        ProcessMemory.release()
        ProcessMemory.releaseCode()
        sequences.start(loop)
        memory.start(loop, gatewatch)
        sockets.start(loop)
        if let warning = store.warning { logger.warning("\(warning)") }
        watchers.append(
            DescriptorWatcher(loop, descriptor: gatewatch.eventDescriptor) { [unowned self] in
                self.takeEvents()
            })
        for signal in [SIGTERM, SIGINT] {
            signals.append(
                SignalWatcher(loop, signal: signal) { [unowned self] in self.stop(by: signal) })
        }
        signals.append(
            SignalWatcher(loop, signal: SIGHUP) { [unowned self] in self.reloadBySignal() })
        beacon?.begin(self)
        try settle()
        logger.info(
            "running: \(peerCount) peers, \(configuration.routes.count) routes",
            metadata: ["socket": "\(configuration.controlSocket)"])
        beacon?.becomeReady()
    }

    /// Starts the sessions of all peers; what was only needed for that is given back.
    private func addPeers() throws(GatewatchError) {
        if predecessor == nil { try recallDrain() }
        let sessions = configuration.peers.map { peer in
            var session = PeerConfiguration(peer)
            session.session.localDiscriminator = store.discriminator(for: peer.discriminatorKey)
            session.session.isAdministrativelyDown = drain != nil
            session.kept = memory.recall(session.session.localDiscriminator)
            session.keyChain = keyChains.byPeer[peer.name]
            session.transmitSequence = sequences.begin(peer, keyChains.byPeer[peer.name])
            return session
        }
        sequences.saveFirst()
        let discriminators = try gatewatch.add(sessions)
        gatewatch.hear()
        for (peer, discriminator) in zip(configuration.peers, discriminators) {
            store.set(discriminator, for: peer.discriminatorKey)
        }
        store.save()
        store.forget()
        configuration.peers = []
        keyChains.forgetPeers()
        let text = memory.finishRecall {
            let peers = try? gatewatch.sessions().peers
            return peers?.count { $0.snapshot.session.state == .up } ?? 0
        }
        if let text { logger.notice("\(text)") }
    }

    private func takeEvents() {
        let events = gatewatch.takeEvents()
        if !events.isEmpty { memory.noteChange() }
        for event in events { take(event) }
        // Many at once are rare, and what they took is not needed soon again.
        if events.count > 1_000 { ProcessMemory.release() }
    }

    private func finish() {
        server.close(keepingName: isHandedOver)
        if !isHandedOver {
            door?.close()
            sequences.save()
        }
        gatewatch.stop()
        if isStopping { sockets.end() }
        logger.info("stopped")
    }

    private func take(_ event: Event) {
        switch event {
        case .session(let peer, let change): take(change, of: peer)
        case .client:
            // The session's own event was recorded before; routes tell what became of them.
            break
        case .created(let peer):
            record(.session, peer: peer, cause: "session started by the peer")
            logger.info("session \(peer): started by the peer")
        case .removed(let peer):
            record(.session, peer: peer, cause: "session removed")
            // Another one may have its name by now.
            if !gatewatch.hasPeer(named: peer) { lastCauses[peer] = nil }
        case .route(let event): take(event)
        case .warning(let text):
            record(.daemon, cause: text)
            logger.warning("\(text)")
        case .lost(let count):
            record(.daemon, cause: "\(count) events could not be kept")
            logger.warning("\(count) events could not be kept: see status and routes")
        }
    }

    private func take(_ change: StateChange, of peer: String) {
        // No change at all: the process before has told of it.
        if change.cause == .takenOver, lastCauses[peer] != nil { return }
        let cause = causeText(change, of: peer)
        let old = SessionStateName(change.from)
        let new = SessionStateName(change.to)
        lastCauses[peer] = LastCause(
            state: new, text: cause, cause: change.cause,
            ownLatenessMicroseconds: lateness(change, lastCauses[peer]))
        record(
            .session, at: wallClock(change.at), peer: peer, old: old.rawValue, new: new.rawValue,
            diagnostic: DiagnosticName(wireValue: change.localDiagnostic.rawValue), cause: cause)
        let level: Logger.Level = change.from == .up ? .warning : .info
        logger.log(
            level: level, "session \(peer): \(old.label) -> \(new.label), \(cause)")
    }

    /// Why, with what only the daemon knows: nobody has disabled what is closed with all others, or
    /// goes for good.
    private func causeText(_ change: StateChange, of peer: String) -> String {
        guard change.cause == .administrativelyDisabled else { return change.causeText }
        if isStopping { return "gatewatch is stopping" }
        if drain != nil { return "the node is drained" }
        return gatewatch.isAdministrativelyDown(peer: peer)
            ? change.causeText : "its session ends, or begins anew"
    }

    /// By how much we were late when the session last left Up; nothing once it is Up again.
    private func lateness(_ change: StateChange, _ last: LastCause?) -> UInt32 {
        if change.to == .up { return 0 }
        return change.from == .up
            ? change.ownLatenessMicroseconds : last?.ownLatenessMicroseconds ?? 0
    }

    private func take(_ event: RouteEvent) {
        routeChanges.note(event)
        let others = event.routeCount > 1 ? " and \(event.routeCount - 1) more" : ""
        let route = event.key.map { "\($0)\(others)" }
        var cause = "\(event.kind.rawValue): \(event.cause)"
        if let peer = event.peer { cause = "\(event.kind.rawValue) (\(peer)): \(event.cause)" }
        record(.route, peer: event.peer, prefix: route, cause: cause)
        var text = "route \(route ?? "(all)"): \(cause)"
        if let nanoseconds = event.kernelNanoseconds {
            text += ", kernel after \(nanoseconds / 1_000) µs"
        }
        let isBad = event.kind == .conflict || event.kind == .error
        logger.log(level: isBad ? .error : .info, "\(text)")
    }

    /// Keeps an event and sends it to those who follow.
    func record(
        _ kind: EventRecord.Kind, at time: Timestamp? = nil, peer: String? = nil,
        prefix: String? = nil, old: String? = nil, new: String? = nil,
        diagnostic: DiagnosticName? = nil, cause: String
    ) {
        let time = time ?? Timestamp(realtimeNanoseconds: Clock.realtimeNanoseconds())
        let record = log.append { sequence in
            EventRecord(
                sequence: sequence, time: time, kind: kind, peer: peer, prefix: prefix,
                oldState: old, newState: new, localDiagnostic: diagnostic, cause: cause)
        }
        server.publish(record)
    }

    /// The wall-clock time of a monotonic moment, as the two clocks stand to each other now.
    func wallClock(_ moment: Instant) -> Timestamp {
        let age = Clock.monotonicNanoseconds() - moment.nanoseconds
        return Timestamp(realtimeNanoseconds: Clock.realtimeNanoseconds() - age)
    }
}
