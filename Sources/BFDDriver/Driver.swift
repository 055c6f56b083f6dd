internal import BFDAuthentication
internal import BFDCore
internal import EventLoop
internal import LinuxSystem

/// An engine with its sockets and its loop, confined to the engine thread.
///
/// Whatever wakes it, it does the same: read what has arrived, then judge what is due, then send.
/// So a packet that arrived in time is never overtaken by the deadline it was in time for.
final class Driver {
    var engine: Engine
    var sockets: SessionSockets
    private var receiver: Receiver
    var echoes = EchoSockets()
    private let timer: DeadlineTimer
    private let commands: Mailbox<DriverCommand>
    let events: Mailbox<DriverEvent>
    private let loop: EventLoop
    private var watchers: [DescriptorWatcher] = []
    var handles: [PeerID: SessionHandle] = [:]
    private var waitingCommands: [DriverCommand] = []
    private var armed: Instant?
    /// The interfaces of the engine's templates, by their number.
    var templateInterfaces: [String?] = []
    /// The secrets of the engine's templates, by their number.
    var templateKeyChains: [KeyChain?] = []
    /// How many sessions peers have started.
    var createdCount = 0

    init(
        _ configuration: DriverConfiguration, commands: Mailbox<DriverCommand>,
        events: Mailbox<DriverEvent>
    ) throws(SystemError) {
        engine = Engine(capacity: configuration.sessionCapacity, seed: configuration.seed)
        sockets = SessionSockets(
            capacity: configuration.sessionCapacity, seed: ~configuration.seed)
        engine.setEchoSecret(.drawn())
        receiver = try Receiver.listening()
        timer = try DeadlineTimer()
        loop = try EventLoop()
        self.commands = commands
        self.events = events
        try openDoors(to: configuration.unsolicited)
    }

    /// Serves until a command ends it.
    func run() {
        // The watchers live as long as the loop runs; unowned keeps them from keeping the driver.
        watch(receiver.descriptors)
        watchers.append(
            DescriptorWatcher(loop, descriptor: timer.descriptor) { [unowned self] in
                self.timer.acknowledge()
                self.armed = nil
                self.serve()
            })
        watchers.append(
            DescriptorWatcher(loop, descriptor: commands.descriptor) { [unowned self] in
                self.executeCommands()
                self.serve()
            })
        loop.run()
        watchers = []
    }

    private func watch(_ descriptors: [Int32]) {
        for descriptor in descriptors {
            watchers.append(
                DescriptorWatcher(loop, descriptor: descriptor) { [unowned self] in
                    self.serve()
                })
        }
    }

    private func serve() {
        let judged = present()
        receiver.drain(arrivedBefore: judged) { arrival, bytes in
            var reception = receive(arrival, bytes)
            if case .needsDigest(let challenge) = reception {
                let matches = matches(challenge, bytes)
                reception = engine.finish(challenge, digestMatches: matches, at: present())
            }
            if case .accepted(let handle) = reception { learn(arrival, handle) }
            fetchOutputs()
        }
        engine.handleTimeout(at: present(), heardUntil: judged)
        fetchOutputs()
        arm()
    }

    private func receive(_ arrival: Arrival, _ bytes: borrowing Span<UInt8>) -> Reception {
        switch arrival.transport {
        case .unaffiliatedEcho: engine.receiveEcho(bytes, arrival, at: present())
        case .singleHop, .microBFD, .multihop: engine.receive(bytes, arrival, at: present())
        }
    }

    /// Before a session is Up, its peer shows by which of our addresses it knows us.
    private func learn(_ arrival: Arrival, _ handle: SessionHandle) {
        guard engine.state(of: handle) != .up else { return }
        sockets.answer(from: SocketAddress(arrival.destination), handle.index)
    }

    func present() -> Instant {
        Instant(nanoseconds: Clock.monotonicNanoseconds())
    }

    private func arm() {
        let next = engine.nextDeadline
        guard next != armed else { return }
        armed = next
        if let next {
            timer.arm(at: next.nanoseconds)
        } else {
            timer.disarm()
        }
    }

    private func fetchOutputs() {
        while let output = engine.poll() {
            switch output {
            case .transmit(let transmission):
                if !sockets.send(transmission, at: present()) {
                    engine.noteSendFailure(transmission.session)
                }
            case .transmitEcho(let transmission):
                if !echoes.send(transmission, sockets.echoEnds(of: transmission.session.index)) {
                    engine.noteSendFailure(transmission.session)
                }
            case .stateChanged(let change):
                guard let peer = sockets.peer(of: change.session.index) else { continue }
                events.post(.stateChanged(peer, change))
            case .removed(let handle): forget(handle)
            case .created(let handle): welcome(handle)
            }
        }
    }

    private func forget(_ handle: SessionHandle) {
        guard let peer = sockets.peer(of: handle.index) else { return }
        sockets.close(handle.index)
        echoes.close(handle.index)
        // The peer may have been configured again on a slot of its own meanwhile.
        if handles[peer] == handle { handles[peer] = nil }
        events.post(.removed(peer))
    }

    private func executeCommands() {
        _ = commands.takeAll(into: &waitingCommands)
        for command in waitingCommands { execute(command) }
        waitingCommands.removeAll(keepingCapacity: true)
    }

    private func execute(_ command: DriverCommand) {
        switch command {
        case .add(let session, let reply): reply.fill(add(session))
        case .snapshot(let reply): reply.fill(snapshot())
        case .transmitSequences(let reply): reply.fill(transmitSequences())
        case .stop: loop.stop()
        case .setTemplateInterface(let name, let index): setTemplateInterface(name, index)
        case .setSubnets(let subnets): engine.setSubnets(subnets)
        case .remove(let peer):
            act(on: peer) { (handle, now) throws(EngineError) in
                try engine.removeSession(handle, at: now)
            }
        case .setAdministrativelyDown(let peer, let isDown):
            act(on: peer) { (handle, now) throws(EngineError) in
                try engine.setAdministrativelyDown(isDown, handle, at: now)
            }
        case .update(let peer, let configuration):
            act(on: peer) { (handle, now) throws(EngineError) in
                // The path is the engine's own: it knows the index of the interface.
                guard let session = engine.session(handle) else { throw .unknownSession }
                var changed = configuration
                changed.path = session.configuration.path
                try engine.update(handle, to: changed, at: now)
            }
        case .signal(let peer, let signal, let reply): execute(signal, peer, reply)
        case .setInterfaceIndex(let peer, let interfaceIndex):
            act(on: peer) { (handle, now) throws(EngineError) in
                try engine.setInterfaceIndex(interfaceIndex, handle, at: now)
                sockets.setInterfaceIndex(handle.index, to: interfaceIndex)
            }
        case .setKeyChain(let peer, let keyChain):
            act(on: peer) { (handle, now) throws(EngineError) in
                try engine.setAuthentication(keyChain?.rules, handle, at: now)
                sockets.setKeyChain(keyChain, handle.index)
            }
        }
        fetchOutputs()
    }

    func act(
        on peer: PeerID, _ body: (SessionHandle, Instant) throws(EngineError) -> Void
    ) {
        guard let handle = handles[peer] else { return }
        do throws(EngineError) {
            try body(handle, present())
        } catch {
            events.post(.warning("session command refused: \(error)"))
        }
    }

    private func add(_ session: DriverSession) -> Result<UInt32, DriverError> {
        var configuration = session.configuration
        if let interface = session.interface {
            configuration.path.isBoundToInterface = true
            configuration.path.interfaceIndex = NetworkInterface.index(named: interface) ?? 0
        }
        guard configuration.path.transport != .unaffiliatedEcho else {
            return .failure(.engine(.unaffiliatedEchoImpossible))
        }
        warnAboutEcho(configuration, session.interface)
        do throws(SystemError) {
            watch(try receiver.listen(for: configuration.path.transport))
            if configuration.desiredMinEchoTxInterval.count > 0 {
                watch(try receiver.listen(for: .unaffiliatedEcho))
            }
        } catch {
            return .failure(.system(error))
        }
        do throws(EngineError) {
            let handle = try engine.addSession(configuration, at: present())
            // A session that made room on the same path is told of before its slot is used again.
            fetchOutputs()
            handles[session.peer] = handle
            sockets.open(
                handle.index, for: session, interfaceIndex: configuration.path.interfaceIndex)
            if let keyChain = session.keyChain {
                try engine.setAuthentication(
                    keyChain.rules, handle, goingOnAfter: session.transmitSequence,
                    at: present())
                sockets.setKeyChain(keyChain, handle.index)
            }
            return .success(engine.session(handle)?.localDiscriminator ?? 0)
        } catch {
            return .failure(.engine(error))
        }
    }

    private func snapshot() -> DriverSnapshot {
        var sessions: [SessionSnapshot] = []
        sessions.reserveCapacity(handles.count)
        for (peer, handle) in handles {
            guard let session = engine.session(handle) else { continue }
            sessions.append(
                SessionSnapshot(
                    peer: peer, session: session,
                    interface: sockets.interface(of: handle.index),
                    sourcePort: sockets.sourcePort(of: handle.index),
                    sendFailure: sockets.failure(of: handle.index),
                    authenticationType: engine.authenticationType(of: handle),
                    templateKeyChain: keyChain(ofTemplate: session.templateNumber)))
        }
        return DriverSnapshot(sessions: sessions, discards: engine.discards, now: present())
    }
}
