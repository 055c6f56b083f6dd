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

    /// A session as it stands; `nil` when there is none.
    public func session(_ peer: PeerID) -> Session? {
        driver.handles[peer].flatMap { driver.engine.session($0) }
    }

    private func execute(_ command: DriverCommand) {
        driver.wake()
        driver.execute(command)
        driver.serve()
    }
}
