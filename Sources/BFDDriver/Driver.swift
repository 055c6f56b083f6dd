internal import BFDAuthentication
internal import BFDCore
internal import EventLoop
internal import LinuxSystem

/// An engine with its sockets and its loop, confined to the engine thread.
///
/// Before anything is judged, everything that has arrived is read. So a packet that arrived in time
/// is never overtaken by the deadline it was in time for: see `serve()`.
final class Driver {
    var engine: Engine
    var sockets: SessionSockets
    var receiver: Receiver
    var echoes = EchoSockets()
    /// What has been discarded lately, for those who ask why.
    var samples: DiscardSamples
    let timer: DeadlineTimer
    private let commands: Mailbox<DriverCommand>
    let events: Mailbox<DriverEvent>
    let loop: EventLoop
    private var watchers: [DescriptorWatcher] = []
    /// What wakes us for each of the receiver's sockets, by its place.
    var readers: [DescriptorWatcher?] = []
    /// How each of the receiver's sockets is read.
    var paces: [ReadingPace] = []
    var invalidDeadline = Instant(nanoseconds: 0)
    /// Until when handshakes that have begun are waited for.
    var handshakesUntil = Instant(nanoseconds: 0)
    /// Whether packets may have been lost while this thread stood still.
    var mayHaveOverflowed = false
    var lastDropCount: UInt64 = 0
    /// The latest moment the engine has been told.
    var latest = Instant(nanoseconds: 0)
    var handles: [PeerID: SessionHandle] = [:]
    private var waitingCommands: [DriverCommand] = []
    var armed: Instant?
    /// Whether nothing is sent and read, because another process is about to take over, or because
    /// this one has not taken over all its sessions yet.
    var isStandingStill: Bool
    /// Whether nothing is read yet: what waits in the sockets is for sessions that are not there.
    var isDeaf: Bool
    /// What was asked for meanwhile.
    var deferredCommands: [DriverCommand] = []
    /// What has been handed over and no session has yet.
    var inheritance: Inheritance
    /// Which of several threads this is.
    let share: EngineShare
    var realTime: RealTimeSettings
    /// Keeps processors from deep sleep; `nil` where nobody asked or the kernel refused.
    var latencyRequest: LatencyRequest?
    /// The unaffiliated Echo sessions, as they were asked for.
    var loops: [PeerID: DriverSession] = [:]
    /// What is left of those that an operator has disabled.
    var disabledLoops: [PeerID: Session] = [:]
    /// Whom the engine's templates let in, by their number; nil for one that is gone.
    var doors: [UnsolicitedPeers?] = []
    /// How many sessions peers have started.
    var createdCount = 0
    /// Who watches packets come and go.
    var taps: [PacketTap] = []
    /// The interfaces that they have been told of.
    var interfaceNames: [UInt32: String] = [:]
    /// The sockets of a namespace that this thread is about to move to.
    var pendingMove: PendingMove?

    init(
        _ configuration: DriverConfiguration, commands: Mailbox<DriverCommand>,
        events: Mailbox<DriverEvent>
    ) throws(SystemError) {
        try EngineMemory.checkTables(sessionCapacity: configuration.sessionCapacity)
        engine = Engine(capacity: configuration.sessionCapacity, seed: configuration.seed)
        sockets = SessionSockets(
            capacity: configuration.sessionCapacity, seed: ~configuration.seed)
        samples = DiscardSamples(seed: configuration.seed)
        engine.setEchoSecret(.drawn())
        if let handover = configuration.handover {
            receiver = try Receiver.takingOver(
                handover, configuration.share, configuration.store)
            engine.goOn(from: handover.totals)
            lastDropCount = handover.lastDropCount
        } else {
            receiver = try Receiver.listening(configuration.share, configuration.store)
        }
        inheritance = Inheritance(configuration.handover)
        isStandingStill = configuration.handover != nil
        isDeaf = receiver.isGoingOn || configuration.store?.hasStock == true
        share = configuration.share
        realTime = configuration.realTime
        timer = try DeadlineTimer()
        loop = try EventLoop(isNested: configuration.isDriven)
        self.commands = commands
        self.events = events
        setUnsolicited(configuration.unsolicited)
    }

    /// Serves until a command ends it.
    func run() {
        begin()
        loop.run()
        end()
    }

    /// Has the loop wake us from here on.
    ///
    /// The watchers live until `end()`; unowned keeps them from keeping the driver.
    func begin() {
        watch(receiver.listeners.indices)
        if isStandingStill || isDeaf { for reader in readers { reader?.stop() } }
        watchers.append(
            DescriptorWatcher(loop, descriptor: timer.descriptor) { [unowned self] in
                self.waitAwake()
                self.wake()
                // Setting it anew, which `serve` does, makes it unreadable again.
                self.armed = nil
                self.serve()
            })
        watchers.append(
            DescriptorWatcher(loop, descriptor: commands.descriptor) { [unowned self] in
                self.wake()
                self.executeCommands()
                self.serve()
            })
    }

    /// Is woken no more.
    func end() {
        watchers = []
        readers = []
    }

    func present() -> Instant {
        latest = Instant(nanoseconds: Clock.monotonicNanoseconds())
        return latest
    }

    /// Has the timer wake us when something is due.
    func arm(at next: Instant) {
        guard next != armed else { return }
        armed = next
        if next == .distantFuture {
            timer.disarm()
        } else {
            timer.arm(at: (next - realTime.spin).nanoseconds)
        }
    }

    /// Has the timer set anew, whatever it stands for.
    func forgetDeadline() {
        armed = nil
    }

    /// Spends what is left until the deadline awake, if asked to.
    private func waitAwake() {
        guard realTime.spin.count > 0, let armed else { return }
        // What woke the loop together with the timer may have set a later deadline already.
        if present() < armed - realTime.spin { return }
        while present() < armed {}
    }

    /// Begins a turn, whatever it was that woke us.
    ///
    /// A thread that stood still for so long that the sockets may have overflowed remembers it.
    func wake() {
        _ = present()
        guard let armed, armed < latest - .milliseconds(50) else { return }
        mayHaveOverflowed = true
    }

    func fetchOutputs() {
        while let output = engine.poll() {
            switch output {
            case .transmit(let transmission):
                let isSent = transmit(transmission)
                if !isSent { engine.noteSendFailure(transmission.session) }
                if !taps.isEmpty { record(transmission, isSent: isSent) }
            case .transmitEcho(let transmission):
                let ends = sockets.echoEnds(of: transmission.session.index)
                let isSent = echoes.send(transmission, ends)
                if !isSent { engine.noteSendFailure(transmission.session) }
                if !taps.isEmpty { record(transmission, isSent: isSent) }
            case .stateChanged(let change):
                noteHandshake(change)
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
        for index in waitingCommands.indices {
            execute(waitingCommands[index])
            sendWhatIsDue()
        }
        waitingCommands.removeAll(keepingCapacity: true)
    }

    func execute(_ command: DriverCommand) {
        if isStandingStill, !command.isForOneStandingStill {
            deferredCommands.append(command)
            return
        }
        switch command {
        case .freeze(let reply): reply.fill(freeze())
        case .thaw: thaw()
        case .hear: hear()
        case .finishTakeOver(let reply):
            finishTakeOver()
            reply.fill(true)
        case .add(let session, let reply): reply.fill(add(session))
        case .addAll(let sessions, let reply): reply.fill(addAll(sessions))
        case .snapshot(let reply): reply.fill(snapshot())
        case .transmitSequences(let reply): reply.fill(transmitSequences())
        case .keep(let shelf, let room): shelf.post(keep(in: room))
        case .stop: loop.stop()
        case .answer(let pulse, let number): pulse.answer(number)
        case .tap(let tap): add(tap)
        case .prepareMove(let namespace, let reply): reply.fill(prepareMove(to: namespace))
        case .commitMove(let reply): reply.fill(commitMove())
        case .abandonMove: abandonMove()
        case .setTemplateInterface(let name, let index): setTemplateInterface(name, index)
        case .setSubnets(let subnets): engine.setSubnets(subnets)
        case .setUnsolicited(let peers): setUnsolicited(peers)
        case .setRealTime(let settings): setRealTime(settings)
        case .setMarks(let peer, let octet, let source): setMarks(peer, octet, source)
        case .setMuted(let peer, let isMuted): setMuted(peer, isMuted)
        case .remove(let peer):
            if removeDisabledLoop(peer) { break }
            act(on: peer) { (handle, now) throws(EngineError) in
                try engine.removeSession(handle, at: now)
            }
        case .setAdministrativelyDown(let peer, let isDown):
            if setLoopDisabled(isDown, peer) { break }
            act(on: peer) { (handle, now) throws(EngineError) in
                try engine.setAdministrativelyDown(isDown, handle, at: now)
            }
        case .update(let peer, let configuration): update(peer, configuration)
        case .signal(let peer, let signal, let reply): execute(signal, peer, reply)
        case .setInterfaceIndex(let peer, let interfaceIndex):
            act(on: peer) { (handle, now) throws(EngineError) in
                try engine.setInterfaceIndex(interfaceIndex, handle, at: now)
                sockets.setInterfaceIndex(handle.index, to: interfaceIndex)
            }
        case .setKeyChain(let peer, let keyChain, let sequence):
            setKeyChain(peer, keyChain, sequence)
        }
        finishCommand()
    }

    /// Does what a command has left to do.
    func finishCommand() {
        if !isStandingStill { fetchOutputs() }
        receiver.setHopLimitFloor(engine.hopLimitFloor)
    }

    private func update(_ peer: PeerID, _ configuration: SessionConfiguration) {
        prepareEcho(of: peer, for: configuration)
        act(on: peer) { (handle, now) throws(EngineError) in
            // The path is the engine's own: it knows the index of the interface.
            guard let session = engine.session(handle) else { throw .unknownSession }
            var changed = configuration
            changed.path = session.configuration.path
            try engine.update(handle, to: changed, at: now)
        }
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

    func add(_ session: DriverSession) -> Result<UInt32, DriverError> {
        var configuration = session.configuration
        do throws(SystemError) {
            if let interface = session.interface {
                configuration.path.isBoundToInterface = true
                configuration.path.interfaceIndex =
                    try NetworkInterface.indexIfPresent(named: interface)
            }
            warnAboutEcho(configuration, session.interface)
            watch(try receiver.listen(for: configuration.path.transport))
            try listenForEcho(configuration)
        } catch {
            return .failure(.system(error))
        }
        do throws(EngineError) {
            if let discriminator = try takeOver(session, configuration) {
                return .success(discriminator)
            }
            if let discriminator = try recall(session, configuration) {
                return .success(discriminator)
            }
            let handle = try engine.addSession(configuration, at: present())
            // A session that made room on the same path is told of before its slot is used again.
            fetchOutputs()
            handles[session.peer] = handle
            if configuration.path.transport == .unaffiliatedEcho { loops[session.peer] = session }
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
}
