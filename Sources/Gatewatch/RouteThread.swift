internal import BFDAuthentication
internal import BFDCore
internal import BFDDriver
internal import EventLoop
internal import LinuxSystem
internal import Netlink
internal import RouteController
internal import RouteCore

/// What other threads ask of the route thread.
enum RouteCommand: Sendable {
    case setStanding(String, ClientView.Standing)
    /// A peer shares a session from now on.
    case join(PeerID, String)
    case leave(String, isSessionShared: Bool)
    /// Follow other routes, if there are any; the peers have left, the first of them before.
    case change(RouteChange, ReplyBox<GatewatchError?>)
    /// Keep routes with or without next-hop objects; the answer is what was against it.
    case setOptions(RouteControllerOptions, ReplyBox<GatewatchError?>)
    case setUnsolicited([UnsolicitedPeers])
    case setPolicy(String)
    case setPriority(Int32)
    case snapshot(ReplyBox<[RouteSnapshot]>)
    case withdrawAll(ReplyBox<Bool>)
    case keepAll(ReplyBox<Bool>)
    /// Install routes again, after one of the two before.
    case resume(ReplyBox<Bool>)
    /// Run something in a thread of its own, in this thread's namespace.
    case visit(@Sendable () -> Void, failed: @Sendable (SystemError) -> Void)
    /// Leave this namespace and its routes for another one; the answer is what was against it.
    case move(SharedNamespace, ReplyBox<GatewatchError?>)
    /// The sessions have followed.
    case rereadInterfaces
    /// Show a sign of life.
    case answer(Pulse, UInt64)
    case stop
}

/// The thread that owns netlink: it hears the engine's state changes first, moves routes, and only
/// then tells the rest of the world.
final class RouteThread {
    let engine: EngineGroup
    let registry: PeerRegistry
    private let commands: Mailbox<RouteCommand>
    let events: Mailbox<Event>
    let loop: EventLoop
    /// The one of this namespace; routes are configured by `configuration`.
    var controller: RouteController {
        didSet { shortcuts = RouteShortcuts() }
    }
    let outbox: RouteEventOutbox
    /// Hears of links and addresses of this namespace.
    var monitor: RouteMonitor
    var configuration: GatewatchConfiguration
    var doors: UnsolicitedDoors
    /// Whether routes are left alone, or away, whatever sessions do.
    var isReleased = false
    private var engineEvents: [DriverEvent] = []
    private let holdTimer: DeadlineTimer
    private let shortcutTimer: DeadlineTimer
    private var shortcuts = RouteShortcuts()
    private var isRenewing = false
    var clients = ClientTracker()
    /// What a client is told that comes later.
    private var lastChanges: [PeerID: StateChange] = [:]
    var interfaceIndices: [String: UInt32] = [:]
    /// What the routes were told of each peer's session.
    var standings: [String: SessionStanding] = [:]
    private var watchers: [DescriptorWatcher] = []
    private var monitorWatcher: DescriptorWatcher?

    init(
        _ configuration: GatewatchConfiguration, _ engine: EngineGroup, _ registry: PeerRegistry,
        _ commands: Mailbox<RouteCommand>, _ events: Mailbox<Event>
    ) throws(RouteControllerError) {
        self.engine = engine
        self.configuration = configuration
        doors = UnsolicitedDoors(configuration.unsolicited, engine)
        self.registry = registry
        self.commands = commands
        self.events = events
        do throws(SystemError) {
            loop = try EventLoop()
            holdTimer = try DeadlineTimer()
            shortcutTimer = try DeadlineTimer()
        } catch {
            throw .system(error)
        }
        do throws(NetlinkError) {
            monitor = try RouteMonitor(.linksAndAddresses)
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
        if configuration.realTime.priority > 0 { setPriority(configuration.realTime.priority) }
        giveUpCapabilities()
        watch(engine.eventDescriptor) { [unowned self] in self.takeEngineEvents() }
        watch(commands.descriptor) { [unowned self] in
            self.executeCommands()
        }
        watch(holdTimer.descriptor) { [unowned self] in self.tellHeldFailures() }
        watch(shortcutTimer.descriptor) { [unowned self] in
            self.shortcutTimer.acknowledge()
            self.shortcuts.refresh(self.registry, self.controller)
            self.isRenewing = false
        }
        watchMonitor()
        loop.run()
        watchers = []
        monitorWatcher = nil
    }

    /// Follows the interfaces of this namespace, and of no other.
    func watchMonitor() {
        monitorWatcher = DescriptorWatcher(loop, descriptor: monitor.descriptor) {
            [unowned self] in self.followInterfaces()
        }
    }

    /// No descriptor is watched that is about to be closed.
    func unwatchMonitor() {
        monitorWatcher = nil
    }

    private func giveUpCapabilities() {
        guard let kept = configuration.keptCapabilities else { return }
        do throws(SystemError) {
            try ThreadCapabilities.reduce(to: kept)
        } catch {
            events.post(.warning("rights could not be given up: \(error)"))
        }
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
        case .setStanding(let name, let standing):
            guard let peer = registry.peer(named: name) else { return }
            set(standing, peer)
        case .join(let id, let name):
            guard let peer = registry.peer(named: name), let change = lastChanges[id] else {
                return
            }
            tell(change, to: peer)
            armHoldTimer()
        case .leave(let name, let isSessionShared):
            leave(name)
            if isSessionShared { events.post(.removed(peer: name)) }
            armHoldTimer()
        case .change(let change, let reply): reply.fill(follow(change))
        case .setOptions(let options, let reply): reply.fill(setOptions(options))
        case .setUnsolicited(let peers): setUnsolicited(peers)
        case .setPolicy(let name): setPolicy(of: name)
        case .setPriority(let priority): setPriority(priority)
        case .snapshot(let reply): reply.fill(controller.snapshot())
        case .withdrawAll(let reply):
            isReleased = true
            controller.withdrawAll()
            reply.fill(true)
        case .keepAll(let reply):
            isReleased = true
            controller.keepAll()
            reply.fill(true)
        case .resume(let reply):
            if isReleased { controller.start() }
            isReleased = false
            reply.fill(true)
        case .visit(let body, let failed):
            do throws(SystemError) {
                // A thread inherits the namespace of the one that starts it.
                try SystemThread.start(name: "gw-look", body: body).detach()
            } catch {
                failed(error)
            }
        case .move(let namespace, let reply): reply.fill(move(to: namespace))
        case .rereadInterfaces:
            rereadInterfaces()
            doors.addressesChanged()
        case .answer(let pulse, let number): pulse.answer(number)
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
        controller.restoreDeparted()
        armHoldTimer()
        renewShortcuts()
    }

    /// Looks shortcuts up anew, if anything has changed; not at once, for more may be on its way.
    private func renewShortcuts() {
        guard !isRenewing, shortcuts.isOld(registry, controller) else { return }
        isRenewing = true
        shortcutTimer.arm(at: Clock.monotonicNanoseconds() + 100_000_000)
    }

    private func take(_ event: DriverEvent) {
        switch event {
        case .stateChanged(let id, let change):
            shortcuts.take(change, id, controller)
            take(change, id)
        case .removed(let id):
            lastChanges[id] = nil
            guard let name = registry.forget(id) else { return }
            // One that went by itself has not left its routes yet.
            if registry.id(named: name) == nil { leave(name) }
            events.post(.removed(peer: name))
        case .created(let id, let session, let interface, let keyChain):
            welcome(id, session, interface, keyChain)
        case .warning(let text):
            events.post(.warning(text))
        }
    }

    private func take(_ change: StateChange, _ id: PeerID) {
        // A session that is being removed has no clients: its routes went before.
        if let name = registry.leaving(id) { events.post(.session(peer: name, change)) }
        outbox.hold()
        lastChanges[id] = change
        for peer in registry.clients(of: id) { tell(change, to: peer) }
        outbox.release()
    }

    /// Moves a client's routes, then tells it.
    private func tell(_ change: StateChange, to peer: PeerConfiguration) {
        let event = clients.apply(change, to: peer, at: Self.present)
        if let event { tellRoutes(peer.name, SessionStanding(event)) }
        events.post(.session(peer: peer.name, change))
        if let event { events.post(.client(peer: peer.name, event)) }
    }

    private func tellHeldFailures() {
        holdTimer.acknowledge()
        for (name, event) in clients.takeDue(at: Self.present) {
            tellRoutes(name, SessionStanding(event))
            events.post(.client(peer: name, event))
        }
        armHoldTimer()
    }

    func armHoldTimer() {
        if let deadline = clients.nextDeadline {
            holdTimer.arm(at: deadline.nanoseconds)
        } else {
            holdTimer.disarm()
        }
    }

    private static var present: Instant {
        Instant(nanoseconds: Clock.monotonicNanoseconds())
    }

    private func set(_ standing: ClientView.Standing, _ peer: PeerConfiguration) {
        clients.set(standing, for: peer)
        tellRoutes(peer.name, SessionStanding(standing))
    }

    /// Moves the routes of a peer, and remembers what they were told.
    func tellRoutes(_ name: String, _ standing: SessionStanding, cause: String? = nil) {
        standings[name] = standing
        controller.sessionChanged(peer: name, to: standing, cause: cause)
    }

    /// State changes were lost: asks for the states themselves.
    private func recoverStandings() {
        guard let snapshot = try? engine.snapshot() else { return }
        for session in snapshot.sessions {
            if session.session.isUnsolicited, registry.clients(of: session.peer).isEmpty,
                registry.leaving(session.peer) == nil
            {
                welcome(
                    session.peer, session.session.configuration, session.interface,
                    session.templateKeyChain)
            }
            for peer in registry.clients(of: session.peer) {
                set(ClientView.Standing(session.session), peer)
            }
        }
    }

    /// Tells the engine of interfaces that came, went, or came back with another index.
    private func followInterfaces() {
        guard let notifications = try? monitor.read() else { return }
        for notification in notifications {
            switch notification.change {
            case .link(let index, let name, let isRunning):
                setIndex(index, ofInterface: name)
                setRunning(isRunning, interface: name)
            case .linkRemoved(_, let name):
                setIndex(0, ofInterface: name)
                setRunning(false, interface: name)
            case .overflow:
                rereadInterfaces()
                doors.addressesChanged()
            case .address: doors.addressesChanged()
            case .route, .routeRemoved, .nextHop, .nextHopRemoved, .rule: break
            }
        }
    }

    private func setIndex(_ index: UInt32, ofInterface name: String) {
        doors.interfaceChanged(name, index)
        guard interfaceIndices.updateValue(index, forKey: name) != index else { return }
        for (id, peer) in registry.all() where peer.interface == name {
            engine.thread(of: id).setInterfaceIndex(index, id)
        }
    }

    /// Whether a link is up is word from outside BFD, for those who want it.
    private func setRunning(_ isRunning: Bool, interface name: String) {
        for (id, peer) in registry.all() where peer.followsLink && peer.interface == name {
            engine.thread(of: id).signal(.pathDown(!isRunning), id)
        }
    }

    func rereadInterfaces() {
        for (_, peer) in registry.all() {
            guard let name = peer.interface else { continue }
            setIndex(NetworkInterface.index(named: name) ?? 0, ofInterface: name)
        }
        doors.rereadInterfaces()
    }

    /// A peer has started a session: it gets a name.
    private func welcome(
        _ id: PeerID, _ session: SessionConfiguration, _ interface: String?,
        _ keyChain: KeyChain?
    ) {
        let names = UnsolicitedDoors.names(session, interface)
        let peer = PeerConfiguration(
            name: names[0], session: session, interface: interface, keyChain: keyChain)
        events.post(.created(peer: registry.welcome(id, peer, names: names)))
    }
}

/// Passes route events on; while held, they wait for the event that is their cause.
final class RouteEventOutbox {
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
