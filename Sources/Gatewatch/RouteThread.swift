internal import BFDCore
internal import BFDDriver
internal import EventLoop
internal import LinuxSystem
internal import Netlink
internal import RouteController
internal import RouteCore

/// What other threads ask of the route thread.
enum RouteCommand: Sendable {
    case setStanding(PeerID, SessionStanding)
    case snapshot(ReplyBox<[RouteSnapshot]>)
    case withdrawAll(ReplyBox<Bool>)
    case keepAll(ReplyBox<Bool>)
    case stop
}

/// The thread that owns netlink: it hears the engine's state changes first, moves routes, and only
/// then tells the rest of the world.
final class RouteThread {
    private let engine: EngineThread
    private let registry: PeerRegistry
    private let commands: Mailbox<RouteCommand>
    private let events: Mailbox<Event>
    private let loop: EventLoop
    private let controller: RouteController
    private let outbox: RouteEventOutbox
    private let monitor: RouteMonitor
    private let doors: UnsolicitedDoors
    private var engineEvents: [DriverEvent] = []
    private var standings = StandingTracker()
    private var watchers: [DescriptorWatcher] = []

    init(
        _ configuration: GatewatchConfiguration, _ engine: EngineThread, _ registry: PeerRegistry,
        _ commands: Mailbox<RouteCommand>, _ events: Mailbox<Event>
    ) throws(RouteControllerError) {
        self.engine = engine
        doors = UnsolicitedDoors(configuration.unsolicited, engine)
        self.registry = registry
        self.commands = commands
        self.events = events
        do throws(SystemError) {
            loop = try EventLoop()
        } catch {
            throw .system(error)
        }
        do throws(NetlinkError) {
            monitor = try RouteMonitor()
        } catch {
            throw .netlink(error)
        }
        let outbox = RouteEventOutbox(events)
        self.outbox = outbox
        controller = try RouteController(
            configuration.routes, options: configuration.routeOptions, loop: loop
        ) { event in outbox.post(event) }
    }

    /// Serves until a command ends it.
    func run() {
        controller.start()
        watch(engine.eventDescriptor) { [unowned self] in self.takeEngineEvents() }
        watch(commands.descriptor) { [unowned self] in
            self.executeCommands()
        }
        watch(monitor.descriptor) { [unowned self] in self.followInterfaces() }
        loop.run()
        watchers = []
    }

    private func watch(_ descriptor: Int32, _ handler: @escaping () -> Void) {
        watchers.append(DescriptorWatcher(loop, descriptor: descriptor, handler: handler))
    }

    private func executeCommands() {
        var waiting: [RouteCommand] = []
        _ = commands.takeAll(into: &waiting)
        for command in waiting { execute(command) }
    }

    private func execute(_ command: RouteCommand) {
        switch command {
        case .setStanding(let peer, let standing):
            standings.set(standing, for: peer)
            guard let name = registry.peer(peer)?.name else { return }
            controller.sessionChanged(peer: name, to: standing)
        case .snapshot(let reply): reply.fill(controller.snapshot())
        case .withdrawAll(let reply):
            controller.withdrawAll()
            reply.fill(true)
        case .keepAll(let reply):
            controller.keepAll()
            reply.fill(true)
        case .stop: loop.stop()
        }
    }

    private func takeEngineEvents() {
        let lost = engine.takeEvents(into: &engineEvents)
        for event in engineEvents { take(event) }
        if lost > 0 {
            events.post(.lost(lost))
            recoverStandings()
        }
    }

    private func take(_ event: DriverEvent) {
        switch event {
        case .stateChanged(let id, let change):
            guard let name = registry.peer(id)?.name else { return }
            // A peer that is being removed is no longer known by its name: its routes went before.
            outbox.hold()
            if let standing = standings.apply(change, to: id), registry.id(named: name) == id {
                controller.sessionChanged(peer: name, to: standing)
            }
            events.post(.session(peer: name, change))
            outbox.release()
        case .removed(let id):
            standings.forget(id)
            guard let name = registry.peer(id)?.name else { return }
            registry.forget(id)
            events.post(.removed(peer: name))
        case .created(let id, let session, let interface): welcome(id, session, interface)
        case .warning(let text):
            events.post(.warning(text))
        }
    }

    /// State changes were lost: asks for the states themselves.
    private func recoverStandings() {
        guard let snapshot = try? engine.snapshot() else { return }
        for session in snapshot.sessions {
            if session.session.isUnsolicited, registry.peer(session.peer) == nil {
                welcome(session.peer, session.session.configuration, session.interface)
            }
            guard let name = registry.peer(session.peer)?.name else { continue }
            let standing: SessionStanding
            switch session.session.state {
            case .up: standing = .up
            case .adminDown: standing = .administrativelyDown
            case .down, .initializing:
                standing = session.session.counters.lastUp == nil ? .startingUp : .failed
            }
            standings.set(standing, for: session.peer)
            controller.sessionChanged(peer: name, to: standing)
        }
    }

    /// Tells the engine of interfaces that came, went, or came back with another index.
    private func followInterfaces() {
        guard let notifications = try? monitor.read() else { return }
        for notification in notifications {
            switch notification.change {
            case .link(let index, let name, _): setIndex(index, ofInterface: name)
            case .linkRemoved(_, let name): setIndex(0, ofInterface: name)
            case .overflow:
                rereadInterfaces()
                doors.addressesChanged()
            case .address: doors.addressesChanged()
            case .route, .routeRemoved, .nextHop, .nextHopRemoved: break
            }
        }
    }

    private func setIndex(_ index: UInt32, ofInterface name: String) {
        doors.interfaceChanged(name, index)
        for (id, peer) in registry.all() where peer.interface == name {
            guard peer.session.path.interfaceIndex != index else { continue }
            registry.update(id) { $0.session.path.interfaceIndex = index }
            engine.setInterfaceIndex(index, id)
        }
    }

    private func rereadInterfaces() {
        for (_, peer) in registry.all() {
            guard let name = peer.interface else { continue }
            setIndex(NetworkInterface.index(named: name) ?? 0, ofInterface: name)
        }
        doors.rereadInterfaces()
    }

    /// A peer has started a session: it gets a name.
    private func welcome(
        _ id: PeerID, _ session: SessionConfiguration, _ interface: String?
    ) {
        let names = UnsolicitedDoors.names(session, interface)
        let peer = PeerConfiguration(name: names[0], session: session, interface: interface)
        events.post(.created(peer: registry.welcome(id, peer, names: names)))
    }
}

/// Passes route events on; while held, they wait for the event that is their cause.
private final class RouteEventOutbox {
    private let events: Mailbox<Event>
    private var held: [RouteEvent] = []
    private var isHolding = false

    init(_ events: Mailbox<Event>) {
        self.events = events
    }

    func post(_ event: RouteEvent) {
        if isHolding {
            held.append(event)
        } else {
            events.post(.route(event))
        }
    }

    func hold() {
        isHolding = true
    }

    func release() {
        isHolding = false
        for event in held { events.post(.route(event)) }
        held.removeAll(keepingCapacity: true)
    }
}
