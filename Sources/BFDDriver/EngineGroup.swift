public import BFDCore
public import LinuxSystem
internal import Synchronization

/// Which of the threads that share the sessions one is.
struct EngineShare: Sendable, Hashable {
    var index = 0
    var count = 1

    /// The thread that keeps the session with a peer.
    ///
    /// The kernel finds it by the same rule, from the source address of the peer's packets alone: a
    /// packet that knows no discriminator yet has nothing else.
    static func index(of peer: IPAddress, among count: Int) -> Int {
        let last = peer.isIPv6 ? peer.low & 0xff : (peer.high >> 32) & 0xff
        return Int(last) % count
    }
}

/// Engines on threads of their own that share the sessions, seen from outside as one.
///
/// One thread serves thousands of sessions; more of them are for more than one core can send. With
/// several, peers must answer from the address they are configured with, and Echo is refused: what
/// comes back to its port says nothing of the peer.
public final class EngineGroup: Sendable {
    private let threads: [EngineThread]
    private let events: Mailbox<DriverEvent>
    /// Where the configured sessions are, with more than one thread.
    private let places = Mutex<[PeerID: Int]>([:])

    /// Starts the threads, enters the namespace and opens the sockets.
    public init(_ configuration: DriverConfiguration) throws(DriverError) {
        let count = max(configuration.realTime.threadCount, 1)
        guard count == 1 || configuration.handover == nil else { throw .handoverOfSeveralThreads }
        do throws(SystemError) {
            events = try Mailbox(capacity: configuration.sessionCapacity * 4 + 256)
        } catch {
            throw .system(error)
        }
        var threads: [EngineThread] = []
        for index in 0..<count {
            var own = configuration
            own.share = EngineShare(index: index, count: count)
            own.seed = configuration.seed &+ UInt64(index) &* 0x9e37_79b9_7f4a_7c15
            own.realTime = configuration.realTime.ofThread(index)
            for place in own.unsolicited.indices { own.unsolicited[place].limit(to: count) }
            threads.append(try EngineThread(own, events: events))
        }
        self.threads = threads
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
        guard threads.count > 1 else { return try threads[0].add(session) }
        guard !session.usesEcho else { throw .engine(.echoOnSeveralThreads) }
        let place = EngineShare.index(
            of: session.configuration.path.destination, among: threads.count)
        places.withLock { $0[session.peer] = place }
        return try threads[place].add(session)
    }

    /// Adds many sessions, and waits for their discriminators; the first refusal ends it.
    public func addAll(_ sessions: [DriverSession]) throws(DriverError) -> [UInt32] {
        guard threads.count > 1 else { return try threads[0].addAll(sessions) }
        var discriminators: [UInt32] = []
        for session in sessions { discriminators.append(try add(session)) }
        return discriminators
    }

    /// Whether all threads take commands.
    public var hasRoom: Bool { threads.allSatisfy(\.hasRoom) }

    /// Tells a peer of the removal of its session, and removes it.
    public func remove(_ peer: PeerID) {
        thread(of: peer).remove(peer)
        places.withLock { $0[peer] = nil }
    }

    /// The thread that keeps a session.
    public func thread(of peer: PeerID) -> EngineThread {
        guard threads.count > 1 else { return threads[0] }
        // Threads name the sessions that peers start by numbers that lead back to them.
        if peer.rawValue < 0 { return threads[-peer.rawValue % threads.count] }
        return threads[places.withLock { $0[peer] } ?? 0]
    }

    /// Tells of an interface whose peers may start sessions; 0 means that it is gone.
    public func setTemplateInterface(_ name: String, index: UInt32) {
        for thread in threads { thread.setTemplateInterface(name, index: index) }
    }

    /// Tells which subnets the interfaces have addresses in.
    public func setSubnets(_ subnets: [InterfaceSubnet]) {
        for thread in threads { thread.setSubnets(subnets) }
    }

    /// Changes who may start sessions; those of peers that may no longer are removed.
    public func setUnsolicited(_ peers: [UnsolicitedPeers]) {
        var own = peers
        for place in own.indices { own[place].limit(to: threads.count) }
        for thread in threads { thread.setUnsolicited(own) }
    }

    /// Asks the scheduler for something else; the number of threads stays.
    public func setRealTime(_ settings: RealTimeSettings) {
        for (index, thread) in threads.enumerated() {
            thread.setRealTime(settings.ofThread(index))
        }
    }

    /// All sessions as they stand.
    public func snapshot() throws(DriverError) -> DriverSnapshot {
        var whole = try threads[0].snapshot()
        for thread in threads.dropFirst() { whole.add(try thread.snapshot()) }
        return whole
    }

    /// The last number sent by each session whose packets are numbered for authentication.
    public func transmitSequences() throws(DriverError) -> [PeerID: UInt32] {
        var all: [PeerID: UInt32] = [:]
        for thread in threads {
            all.merge(try thread.transmitSequences(), uniquingKeysWith: { first, _ in first })
        }
        return all
    }

    /// Has each thread leave in `shelf` what to keep of its sessions; waits for nothing.
    public func keep(in shelf: Mailbox<KeptSessions>, expecting count: Int) {
        for thread in threads { thread.keep(in: shelf, expecting: count) }
    }

    /// Opens the sockets in another namespace, while the sessions go on in this one; after a
    /// refusal nothing has changed.
    public func prepareMove(to namespace: SharedNamespace) throws(DriverError) {
        do throws(DriverError) {
            // In this order, as at the start: the first thread finds out whether a port is free.
            for thread in threads { try thread.prepareMove(to: namespace) }
        } catch {
            abandonMove()
            throw error
        }
    }

    /// Moves the sessions to the namespace where the sockets are open; nothing of theirs changes.
    public func commitMove() throws(DriverError) {
        for thread in threads { try thread.commitMove() }
    }

    /// Closes what was opened for a move.
    public func abandonMove() {
        for thread in threads { thread.abandonMove() }
    }

    /// How many threads there are.
    public var threadCount: Int { threads.count }

    /// Whether every thread's loop answers, each with a pulse of its own; waits for nothing.
    public func take(_ pulses: some Sequence<Pulse>) -> Bool {
        zip(threads, pulses).reduce(true) { $1.0.take($1.1) && $0 }
    }

    /// Copies packets of some peers, known also by their addresses, or of all; one tap a thread.
    public func taps(peers: Set<PeerID>?, addresses: Set<IPAddress>) -> [PacketTap] {
        threads.map { thread in
            let tap = PacketTap(peers: peers, addresses: addresses)
            thread.add(tap)
            return tap
        }
    }

    /// Stands still, so that another process can take over; nothing is sent and read from now on.
    public func freeze() throws(DriverError) -> EngineHandover {
        guard threads.count == 1 else { throw .handoverOfSeveralThreads }
        return try threads[0].freeze()
    }

    /// Goes on after a handover that did not take place.
    public func thaw() {
        for thread in threads { thread.thaw() }
    }

    /// Begins to serve what has been taken over, once all configured sessions have been added.
    public func finishTakeOver() throws(DriverError) {
        for thread in threads { try thread.finishTakeOver() }
    }

    /// Begins to read what an earlier process has left in the sockets of the store, once all
    /// sessions have been added that it may be for.
    public func hear() {
        for thread in threads { thread.hear() }
    }

    /// Ends the loops; sessions end without a word to their peers.
    public func stop() {
        for thread in threads { thread.stop() }
    }

    /// Waits until the loops have ended and the sockets are closed.
    public func join() {
        for thread in threads { thread.join() }
    }
}

extension DriverSession {
    fileprivate var usesEcho: Bool {
        configuration.path.transport == .unaffiliatedEcho
            || configuration.desiredMinEchoTxInterval.count > 0
            || configuration.requiredMinEchoRxInterval.count > 0
    }
}

extension RealTimeSettings {
    /// Threads are on neighbouring processors.
    fileprivate func ofThread(_ index: Int) -> RealTimeSettings {
        var own = self
        own.processor = processor.map { $0 + Int32(index) }
        return own
    }
}

extension UnsolicitedPeers {
    /// Leaves a thread its part of the sessions, at least one unless there are to be none.
    fileprivate mutating func limit(to threadCount: Int) {
        guard template.maximumSessionCount > 0 else { return }
        let part = (template.maximumSessionCount + threadCount - 1) / threadCount
        template.maximumSessionCount = max(part, 1)
    }
}

extension DriverSnapshot {
    fileprivate mutating func add(_ other: DriverSnapshot) {
        sessions += other.sessions
        discards.add(other.discards)
        punctuality.add(other.punctuality)
        samples += other.samples
    }
}
