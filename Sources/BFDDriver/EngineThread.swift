public import BFDAuthentication
public import BFDCore
public import LinuxSystem

/// A running engine, as other threads see it.
///
/// All calls return at once, except where an answer of the engine thread is waited for.
public final class EngineThread: Sendable {
    private let commands: Mailbox<DriverCommand>
    private let events: Mailbox<DriverEvent>
    private let patience: Int32 = 5_000
    private let thread: JoinableThread

    /// Starts the thread, enters the namespace and opens the sockets.
    public convenience init(_ configuration: DriverConfiguration) throws(DriverError) {
        let events: Mailbox<DriverEvent>
        do throws(SystemError) {
            events = try Mailbox(capacity: configuration.sessionCapacity * 4 + 256)
        } catch {
            throw .system(error)
        }
        try self.init(configuration, events: events)
    }

    init(
        _ configuration: DriverConfiguration, events: Mailbox<DriverEvent>
    ) throws(DriverError) {
        self.events = events
        let ready: ReplyBox<DriverError?>
        // The thread must not keep a namespace alive that it has left: it holds none.
        let namespace = configuration.namespace
        var configuration = configuration
        configuration.namespace = nil
        defer { withExtendedLifetime(namespace) {} }
        do throws(SystemError) {
            commands = try Mailbox(capacity: configuration.sessionCapacity * 2 + 64)
            ready = try ReplyBox()
            thread = JoinableThread(
                try SystemThread.start(name: "gw-engine") {
                    [commands, events, configuration, weak namespace] in
                    EngineThread.main(configuration, namespace, commands, events, ready)
                })
        } catch {
            throw .system(error)
        }
        guard let outcome = ready.wait(milliseconds: patience) else { throw .notResponding }
        if let failure = outcome { throw failure }
    }

    deinit {
        commands.post(.stop)
    }

    /// Readable while events wait.
    public var eventDescriptor: Int32 { events.descriptor }

    /// Takes what has happened; returns how many events could not be kept.
    ///
    /// A snapshot tells what the lost ones came to.
    public func takeEvents(into buffer: inout [DriverEvent]) -> Int {
        events.takeAll(into: &buffer)
    }

    /// Adds a session and waits for its discriminator.
    public func add(_ session: DriverSession) throws(DriverError) -> UInt32 {
        try ask { .add(session, $0) }.get()
    }

    /// Adds many sessions, and waits for their discriminators; the first refusal ends it.
    public func addAll(_ sessions: [DriverSession]) throws(DriverError) -> [UInt32] {
        var discriminators: [UInt32] = []
        var rest = sessions[...]
        // Patience is for so many at a time.
        while !rest.isEmpty {
            let some = Array(rest.prefix(256))
            discriminators += try ask { .addAll(some, $0) }.get()
            rest = rest.dropFirst(some.count)
        }
        return discriminators
    }

    /// Whether it takes commands, which are many ahead of what it has done otherwise.
    public var hasRoom: Bool { commands.hasRoom }

    /// Tells a peer of the removal of its session, and removes it.
    public func remove(_ peer: PeerID) {
        commands.post(.remove(peer))
    }

    /// Disables or enables a session.
    public func setAdministrativelyDown(_ isDown: Bool, _ peer: PeerID) {
        commands.post(.setAdministrativelyDown(peer, isDown))
    }

    /// Changes intervals, multiplier and checks of a session.
    public func update(_ peer: PeerID, to configuration: SessionConfiguration) {
        commands.post(.update(peer, configuration))
    }

    /// Tells of an interface that came, went, or changed its index; 0 means that it is gone.
    public func setInterfaceIndex(_ index: UInt32, _ peer: PeerID) {
        commands.post(.setInterfaceIndex(peer, index))
    }

    /// Tells a session what is known outside BFD, or asks something of it.
    public func signal(_ signal: SessionSignal, _ peer: PeerID) {
        commands.post(.signal(peer, signal, nil))
    }

    /// The same, and waits until it has been done; throws what the engine has against it.
    public func perform(_ signal: SessionSignal, _ peer: PeerID) throws(DriverError) {
        if let refusal = try ask({ .signal(peer, signal, $0) }) { throw .engine(refusal) }
    }

    /// Tells of an interface whose peers may start sessions; 0 means that it is gone.
    public func setTemplateInterface(_ name: String, index: UInt32) {
        commands.post(.setTemplateInterface(name, index: index))
    }

    /// Tells which subnets the interfaces have addresses in.
    public func setSubnets(_ subnets: [InterfaceSubnet]) {
        commands.post(.setSubnets(subnets))
    }

    /// Turns authentication of a session on, off, or to other keys, at once.
    ///
    /// Numbers go on after `sequence` where the session has not authenticated before.
    public func setKeyChain(
        _ keyChain: KeyChain?, _ peer: PeerID, transmitSequence sequence: UInt32? = nil
    ) {
        commands.post(.setKeyChain(peer, keyChain, transmitSequence: sequence))
    }

    /// Changes who may start sessions; those of peers that may no longer are removed.
    public func setUnsolicited(_ peers: [UnsolicitedPeers]) {
        commands.post(.setUnsolicited(peers))
    }

    /// Changes the octet and the address that a session's packets carry.
    public func setMarks(_ peer: PeerID, trafficClass: UInt8, echoSource: IPAddress?) {
        commands.post(.setMarks(peer, trafficClass: trafficClass, echoSource: echoSource))
    }

    /// Has a session's packets stay unsent, or leave again.
    public func setMuted(_ isMuted: Bool, _ peer: PeerID) {
        commands.post(.setMuted(peer, isMuted))
    }

    /// Asks the scheduler for something else; the number of threads stays.
    public func setRealTime(_ settings: RealTimeSettings) {
        commands.post(.setRealTime(settings))
    }

    /// All sessions as they stand.
    public func snapshot() throws(DriverError) -> DriverSnapshot {
        try ask { .snapshot($0) }
    }

    /// The last number sent by each session whose packets are numbered for authentication.
    public func transmitSequences() throws(DriverError) -> [PeerID: UInt32] {
        try ask { .transmitSequences($0) }
    }

    /// Leaves in `shelf` what to keep of the sessions in case that the process is killed.
    ///
    /// It expects `count` sessions.
    public func keep(in shelf: Mailbox<KeptSessions>, expecting count: Int) {
        commands.post(.keep(shelf, KeepingRoom(capacity: count)))
    }

    /// Opens the sockets in another namespace, while the sessions go on in this one.
    public func prepareMove(to namespace: SharedNamespace) throws(DriverError) {
        if let failure = try ask({ .prepareMove(namespace, $0) }) { throw failure }
    }

    /// Moves the sessions to the namespace where the sockets are open; nothing of theirs changes.
    public func commitMove() throws(DriverError) {
        if let failure = try ask({ .commitMove($0) }) { throw failure }
    }

    /// Closes what was opened for a move.
    public func abandonMove() {
        commands.post(.abandonMove)
    }

    /// Whether the loop answers; waits for nothing.
    public func take(_ pulse: Pulse) -> Bool {
        pulse.take { commands.post(.answer(pulse, $0)) }
    }

    /// Copies packets for somebody, who ends it by closing the tap.
    public func add(_ tap: PacketTap) {
        commands.post(.tap(tap))
    }

    /// Stands still, so that another process can take over; nothing is sent and read from now on.
    public func freeze() throws(DriverError) -> EngineHandover {
        try ask { .freeze($0) }
    }

    /// Goes on after a handover that did not take place.
    public func thaw() {
        commands.post(.thaw)
    }

    /// Begins to read what an earlier process has left in the sockets of the store.
    public func hear() {
        commands.post(.hear)
    }

    /// Begins to serve what has been taken over, once all configured sessions have been added.
    public func finishTakeOver() throws(DriverError) {
        _ = try ask { .finishTakeOver($0) }
    }

    /// Ends the loop; sessions end without a word to their peers.
    public func stop() {
        commands.post(.stop)
    }

    /// Waits until the loop has ended and the sockets are closed.
    public func join() {
        thread.join()
    }

    private func ask<Reply: Sendable>(
        _ command: (ReplyBox<Reply>) -> DriverCommand
    ) throws(DriverError) -> Reply {
        let reply: ReplyBox<Reply>
        do throws(SystemError) {
            reply = try ReplyBox()
        } catch {
            throw .system(error)
        }
        guard commands.post(command(reply)), let answer = reply.wait(milliseconds: patience) else {
            throw .notResponding
        }
        return answer
    }

    private static func main(
        _ configuration: DriverConfiguration, _ namespace: consuming SharedNamespace?,
        _ commands: Mailbox<DriverCommand>,
        _ events: Mailbox<DriverEvent>, _ ready: ReplyBox<DriverError?>
    ) {
        do throws(NetworkNamespaceError) {
            if let home = consume namespace {
                try home.enter()
            } else if let path = configuration.namespacePath {
                try NetworkNamespace.open(path: path).enter()
            }
        } catch {
            ready.fill(.namespace(error))
            return
        }
        do throws(SystemError) {
            let driver = try Driver(configuration, commands: commands, events: events)
            request(configuration.realTime, configuration.share, events)
            driver.requestLatency(insteadOf: nil)
            if let kept = configuration.keptCapabilities {
                try ThreadCapabilities.reduce(to: kept)
            }
            ready.fill(nil)
            driver.run()
        } catch {
            ready.fill(.system(error))
        }
    }

    /// What the scheduler refuses is done without, and said once.
    private static func request(
        _ settings: RealTimeSettings, _ share: EngineShare, _ events: Mailbox<DriverEvent>
    ) {
        // What is the same for several threads is said by the first of them.
        let common = share.index == 0 ? events : nil
        do throws(SystemError) {
            try Scheduling.setTimerSlack(nanoseconds: 1)
        } catch {
            common?.post(.warning("running without \(error.operation): \(error.errno)"))
        }
        settings.request(insteadOf: RealTimeSettings(locksMemory: false), share, events)
    }
}
