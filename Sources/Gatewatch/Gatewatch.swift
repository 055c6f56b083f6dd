public import BFDAuthentication
public import BFDCore
public import BFDDriver
internal import LinuxSystem
public import RouteController
internal import RouteCore
internal import Synchronization

/// BFD sessions and the routes that follow them, on two threads of their own.
///
/// All calls may come from any thread. State changes move routes first and are told afterwards.
public final class Gatewatch: Sendable {
    let engine: EngineGroup
    let registry = PeerRegistry()
    let routeCommands: Mailbox<RouteCommand>
    let events: Mailbox<Event>
    /// The thread that hands events on, where one has been asked for.
    let deliveries = Mutex<[EventDelivery]>([])
    /// Where sessions and routes live; nil for where the threads were started.
    let namespace: Mutex<SharedNamespace?>
    private let patience: Int32 = 5_000
    private let routeThread: JoinableThread

    /// Starts both threads in the configured namespace; sessions are added afterwards.
    public init(_ configuration: GatewatchConfiguration) throws(GatewatchError) {
        let ready: ReplyBox<GatewatchError?>
        let home: SharedNamespace?
        do throws(DriverError) {
            try EngineMemory.check(sessionCapacity: configuration.sessionCapacity)
        } catch {
            throw .driver(error)
        }
        do throws(NetworkNamespaceError) {
            // Opened once: whatever becomes of the path, all threads are in the same one.
            home = try configuration.namespacePath.map { path throws(NetworkNamespaceError) in
                try SharedNamespace(path: path)
            }
        } catch {
            throw .driver(.namespace(error))
        }
        namespace = Mutex(home)
        do throws(DriverError) {
            var driver = DriverConfiguration(
                sessionCapacity: configuration.sessionCapacity,
                namespacePath: configuration.namespacePath, realTime: configuration.realTime,
                seed: configuration.seed)
            driver.unsolicited = configuration.unsolicited
            driver.keptCapabilities = configuration.keptCapabilities
            driver.namespace = home
            driver.handover = configuration.handover
            driver.store = configuration.store
            engine = try EngineGroup(driver)
        } catch {
            throw .driver(error)
        }
        do throws(SystemError) {
            routeCommands = try Mailbox(capacity: configuration.sessionCapacity * 2 + 64)
            events = try Mailbox(capacity: configuration.sessionCapacity * 4 + 1_024)
            ready = try ReplyBox()
            // The sessions have it now.
            var configuration = configuration
            configuration.handover = nil
            configuration.store = nil
            routeThread = JoinableThread(
                try SystemThread.start(name: "gw-routes") {
                    [configuration, engine, registry, routeCommands, events, weak home] in
                    Self.serveRoutes(
                        configuration, home, engine, registry, routeCommands, events, ready)
                })
        } catch {
            throw .driver(.system(error))
        }
        let outcome = withExtendedLifetime(home) { ready.wait(milliseconds: patience) }
        guard let outcome else { throw .driver(.notResponding) }
        if let failure = outcome { throw failure }
    }

    deinit {
        stop()
    }

    /// Readable while events wait.
    public var eventDescriptor: Int32 { events.descriptor }

    /// Takes what has happened since the last call.
    public func takeEvents() -> [Event] {
        var messages: [Event] = []
        let lost = events.takeAll(into: &messages)
        return lost == 0 ? messages : messages + [.lost(lost)]
    }

    private func update(_ id: PeerID, _ configuration: SessionConfiguration) {
        engine.thread(of: id).update(id, to: configuration)
    }

    /// Throws `driver(.busy)` where what is to be done could not be left with both threads.
    func requireRoom() throws(GatewatchError) {
        guard routeCommands.hasRoom, engine.hasRoom else { throw .driver(.busy) }
    }

    private func id(named name: String) throws(GatewatchError) -> PeerID {
        guard let id = registry.id(named: name) else { throw .unknownPeer(name) }
        return id
    }

    /// Takes a peer out of its routes, and ends its session, having told the other end.
    ///
    /// A session that others share goes on for them. Throws `driver(.busy)`, as all calls that wait
    /// for no answer do, while the threads have not come to what they were asked before.
    public func removePeer(named name: String) throws(GatewatchError) {
        try requireRoom()
        guard let change = registry.remove(named: name) else { throw .unknownPeer(name) }
        switch change {
        case .end(let session):
            routeCommands.post(.leave(name, isSessionShared: false))
            engine.remove(PeerID(rawValue: session))
        case .adjust(let session, let configuration), .start(let session, let configuration):
            routeCommands.post(.leave(name, isSessionShared: true))
            update(PeerID(rawValue: session), configuration)
        }
    }

    /// Disables or enables the session of a peer, for all who share it.
    public func setAdministrativelyDown(
        _ isDown: Bool, peer name: String
    ) throws(GatewatchError) {
        let id = try id(named: name)
        try requireRoom()
        registry.setAdministrativelyDown(isDown, id)
        engine.thread(of: id).setAdministrativelyDown(isDown, id)
    }

    /// Changes intervals, multiplier and checks of a peer's session, without a flap.
    public func update(
        _ name: String, to session: SessionConfiguration
    ) throws(GatewatchError) {
        try requireRoom()
        guard let change = registry.update(name, to: session) else { throw .unknownPeer(name) }
        switch change {
        case .start(let session, let configuration), .adjust(let session, let configuration):
            update(PeerID(rawValue: session), configuration)
        case .end: break
        }
    }

    /// Whether a control protocol may form or keep an adjacency with a peer (RFC 5882 §4.1).
    ///
    /// `isPeerWilling` is whether the peer said that it runs BFD; `nil` when nothing said so.
    public func allowsAdjacency(
        peer name: String, isPeerWilling: Bool? = nil
    ) throws(GatewatchError) -> Bool {
        let id = try id(named: name)
        let session = try snapshot().sessions.first { $0.peer == id }?.session
        return session?.allowsAdjacency(isPeerWilling: isPeerWilling) ?? true
    }

    /// Tells a peer's session what is known outside BFD, or asks something of it.
    ///
    /// Throws the engine's refusal of a signal that does not fit the session's state.
    public func signal(_ signal: SessionSignal, peer name: String) throws(GatewatchError) {
        let id = try id(named: name)
        do throws(DriverError) {
            try engine.thread(of: id).perform(signal, id)
        } catch {
            throw .driver(error)
        }
    }

    /// Has a peer's session send nothing, or send again, as if the path were dead in one direction.
    public func setMuted(_ isMuted: Bool, peer name: String) throws(GatewatchError) {
        let id = try id(named: name)
        try requireRoom()
        engine.thread(of: id).setMuted(isMuted, id)
    }

    /// The last authentication sequence number sent to each configured peer whose packets have one.
    ///
    /// To be kept for the next run, which passes it on as `PeerConfiguration.transmitSequence`.
    public func transmitSequences() throws(GatewatchError) -> [String: UInt32] {
        let sequences: [PeerID: UInt32]
        do throws(DriverError) {
            sequences = try engine.transmitSequences()
        } catch {
            throw .driver(error)
        }
        var byName: [String: UInt32] = [:]
        for (id, peer) in registry.all() { byName[peer.name] = sequences[id] }
        return byName
    }

    /// Turns authentication of a peer's session on, off, or to other keys, at once.
    ///
    /// Keys of the same type may be exchanged while the session is Up; another type takes effect
    /// at both ends or fails the session. Numbers go on after `transmitSequence` where the session
    /// has not authenticated before.
    public func setKeyChain(
        _ keyChain: KeyChain?, peer name: String, transmitSequence: UInt32? = nil
    ) throws(GatewatchError) {
        let id = try id(named: name)
        try requireRoom()
        registry.setKeyChain(keyChain, id)
        engine.thread(of: id).setKeyChain(keyChain, id, transmitSequence: transmitSequence)
    }

    /// All sessions as they stand.
    public func sessions() throws(GatewatchError) -> SessionsSnapshot {
        let snapshot = try snapshot()
        let byPeer = Dictionary(
            snapshot.sessions.map { ($0.peer, $0) }, uniquingKeysWith: { first, _ in first })
        let peers = registry.all().compactMap { id, peer in
            byPeer[id].map { PeerSnapshot(configuration: peer, snapshot: $0) }
        }
        return SessionsSnapshot(
            peers: peers, discards: snapshot.discards, punctuality: snapshot.punctuality,
            samples: snapshot.samples, now: snapshot.now)
    }

    /// Wanted routes next to installed ones.
    public func routes() throws(GatewatchError) -> [RouteSnapshot] {
        try ask { .snapshot($0) }
    }

    /// Takes all routes of ours out of the kernel, and waits until they are gone.
    public func withdrawRoutes() throws(GatewatchError) {
        _ = try ask { .withdrawAll($0) }
    }

    /// Leaves the routes in the kernel as they are, whatever sessions do from here on.
    public func keepRoutes() throws(GatewatchError) {
        _ = try ask { .keepAll($0) }
    }

    /// Ends the threads; peers are told nothing, routes stay as they are.
    public func stop() {
        routeCommands.post(.stop)
        engine.stop()
        for delivery in deliveries.withLock({ $0 }) { delivery.stop() }
    }

    /// The same, and waits until the threads have ended and their sockets are closed.
    public func close() {
        stop()
        routeThread.join()
        engine.join()
        for delivery in deliveries.withLock({ $0 }) { delivery.join() }
    }

    func snapshot() throws(GatewatchError) -> DriverSnapshot {
        do throws(DriverError) {
            return try engine.snapshot()
        } catch {
            throw .driver(error)
        }
    }

    func ask<Reply: Sendable>(
        _ command: (ReplyBox<Reply>) -> RouteCommand
    ) throws(GatewatchError) -> Reply {
        let reply: ReplyBox<Reply>
        do throws(SystemError) {
            reply = try ReplyBox()
        } catch {
            throw .driver(.system(error))
        }
        guard routeCommands.post(command(reply)), let answer = reply.wait(milliseconds: patience)
        else { throw .driver(.notResponding) }
        return answer
    }

    private static func serveRoutes(
        _ configuration: GatewatchConfiguration, _ home: consuming SharedNamespace?,
        _ engine: EngineGroup, _ registry: PeerRegistry,
        _ commands: Mailbox<RouteCommand>, _ events: Mailbox<Event>,
        _ ready: ReplyBox<GatewatchError?>
    ) {
        do throws(NetworkNamespaceError) {
            if let entered = consume home { try entered.enter() }
        } catch {
            ready.fill(.driver(.namespace(error)))
            return
        }
        do throws(RouteControllerError) {
            let thread = try RouteThread(configuration, engine, registry, commands, events)
            ready.fill(nil)
            thread.run()
        } catch {
            ready.fill(.routes(error))
        }
    }
}
