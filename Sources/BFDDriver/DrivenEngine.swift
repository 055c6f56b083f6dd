public import BFDAuthentication
public import BFDCore
internal import EventLoop
internal import LinuxSystem

/// An engine with its sockets, and without a thread: the caller's loop says when it works.
///
///     descriptor readable, or deadline passed  →  serve()  →  takeEvents(into:)
///
/// Confined to the thread that made it, and to that thread's network namespace.
public final class DrivenEngine {
    private let driver: Driver
    private let events: Mailbox<DriverEvent>

    /// Opens the sockets; what the configuration asks of the scheduler is not looked at.
    public init(sessionCapacity: Int, seed: UInt64) throws(DriverError) {
        var configuration = DriverConfiguration(
            sessionCapacity: sessionCapacity, namespacePath: nil,
            realTime: RealTimeSettings(locksMemory: false), seed: seed)
        configuration.isDriven = true
        try EngineMemory.check(sessionCapacity: sessionCapacity)
        do throws(SystemError) {
            events = try Mailbox(capacity: sessionCapacity * 4 + 256)
            driver = try Driver(configuration, commands: Mailbox(capacity: 1), events: events)
        } catch {
            throw .system(error)
        }
        driver.begin()
    }

    deinit {
        driver.end()
    }

    /// Readable when `serve()` is due, be it for a packet or for a deadline.
    public var descriptor: Int32 { driver.loop.descriptor ?? -1 }

    /// When `serve()` is due though nothing arrives; the distant future if never.
    public var deadline: Instant { driver.nextWakeUp }

    /// Reads, judges and sends what is due, without waiting.
    public func serve() {
        driver.loop.runOnce(waiting: false)
    }

    /// Takes what has happened; returns how many events could not be kept.
    public func takeEvents(into buffer: inout [DriverEvent]) -> Int {
        events.takeAll(into: &buffer)
    }

    /// Adds a session; returns its discriminator. An interface it is bound to has to be there.
    public func add(_ session: DriverSession) throws(DriverError) -> UInt32 {
        try Self.checkInterface(session.interface)
        driver.wake()
        let discriminator = driver.add(session)
        driver.finishCommand()
        driver.serve()
        return try discriminator.get()
    }

    private static func checkInterface(_ name: String?) throws(DriverError) {
        guard let name else { return }
        do throws(SystemError) {
            guard try NetworkInterface.indexIfPresent(named: name) == 0 else { return }
            throw SystemError(operation: "interface \(name)", errno: .noSuchDevice)
        } catch {
            throw .system(error)
        }
    }

    /// Tells a peer of the removal of its session, and removes it.
    public func remove(_ peer: PeerID) {
        execute(.remove(peer))
    }

    /// Disables or enables a session.
    public func setAdministrativelyDown(_ isDown: Bool, _ peer: PeerID) {
        execute(.setAdministrativelyDown(peer, isDown))
    }

    /// Changes intervals, multiplier and checks of a session.
    public func update(_ peer: PeerID, to configuration: SessionConfiguration) {
        execute(.update(peer, configuration))
    }

    /// Marks a session's packets otherwise, its Echo packets included.
    public func setMarks(_ peer: PeerID, trafficClass: UInt8, echoSource: IPAddress?) {
        execute(.setMarks(peer, trafficClass: trafficClass, echoSource: echoSource))
    }

    /// Turns authentication of a session on, off, or to other keys, at once.
    ///
    /// Numbers go on after `sequence` where the session has not authenticated before.
    public func setKeyChain(
        _ keyChain: KeyChain?, _ peer: PeerID, transmitSequence sequence: UInt32? = nil
    ) {
        execute(.setKeyChain(peer, keyChain, transmitSequence: sequence))
    }

    /// Tells a session what is known outside BFD; throws what the engine has against it.
    public func perform(_ signal: SessionSignal, _ peer: PeerID) throws(EngineError) {
        driver.wake()
        guard let handle = driver.handles[peer] else { throw .unknownSession }
        try signal.apply(to: &driver.engine, handle, at: driver.present())
        driver.finishCommand()
        driver.serve()
    }

    /// Changes who may start sessions; those of peers that may no longer are removed.
    ///
    /// Interfaces and their subnets are those of the moment: to be called again when they change.
    public func setUnsolicited(_ peers: [UnsolicitedPeers]) {
        execute(.setUnsolicited(peers))
    }

    /// Sessions that peers have started (RFC 9468), in no order.
    public var unsolicitedPeers: [PeerID] { driver.handles.keys.filter { $0.rawValue < 0 } }

    /// A session as it stands; `nil` when there is none.
    public func session(_ peer: PeerID) -> SessionSnapshot? {
        if let rest = driver.disabledLoops[peer] { return driver.snapshot(of: rest, peer) }
        return driver.handles[peer].flatMap { driver.snapshot(of: $0.index) }
    }

    private func execute(_ command: DriverCommand) {
        driver.wake()
        driver.execute(command)
        driver.serve()
    }
}
