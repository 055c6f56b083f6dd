internal import BFDCore
internal import BFDDriver
internal import CGatewatch
internal import Gatewatch
internal import RouteController
internal import RouteCore
internal import Synchronization

/// Sessions on the library's own threads, and the callers' names of them.
final class ManagedSessions: Sendable {
    private struct Book {
        var last: Int64 = 0
        var configurations: [Int64: SessionConfiguration] = [:]
        /// By session, for as long as events may come.
        var tags: [Int64: UInt64] = [:]
    }

    private struct Inbox {
        var events: [Event] = []
        var taken = 0
    }

    private let gatewatch: Gatewatch
    private let book = Mutex(Book())
    private let inbox = Mutex(Inbox())

    init(_ configuration: GatewatchConfiguration) throws(Failure) {
        do throws(GatewatchError) {
            gatewatch = try Gatewatch(configuration)
        } catch {
            throw Failure(error)
        }
    }

    func close() { gatewatch.close() }

    var descriptor: Int32 { gatewatch.eventDescriptor }

    func add(_ request: SessionRequest) throws(Failure) -> Int64 {
        let session = request.session
        let tag = request.tag
        let number = book.withLock { book in
            book.last += 1
            book.configurations[book.last] = session
            book.tags[book.last] = tag
            return book.last
        }
        let peer = PeerConfiguration(
            name: String(number), session: session, interface: request.interface,
            trafficClass: request.trafficClass)
        do throws(GatewatchError) {
            try gatewatch.add(peer)
        } catch {
            forget(number)
            throw Failure(error)
        }
        return number
    }

    private func forget(_ number: Int64) {
        book.withLock { book in
            book.configurations[number] = nil
            book.tags[number] = nil
        }
    }

    private func perform(_ body: () throws(GatewatchError) -> Void) throws(Failure) {
        do throws(GatewatchError) {
            try body()
        } catch {
            throw Failure(error)
        }
    }

    func remove(_ number: Int64) throws(Failure) {
        try perform { () throws(GatewatchError) in
            try gatewatch.removePeer(named: String(number))
        }
        book.withLock { $0.configurations[number] = nil }
    }

    func setAdministrativelyDown(_ isDown: Bool, _ number: Int64) throws(Failure) {
        try perform { () throws(GatewatchError) in
            try gatewatch.setAdministrativelyDown(isDown, peer: String(number))
        }
    }

    func update(_ number: Int64, to request: SessionRequest) throws(Failure) {
        guard let running = book.withLock({ $0.configurations[number] }) else {
            throw .unknownSession
        }
        var session = request.session
        session.path = running.path
        session.isAdministrativelyDown = running.isAdministrativelyDown
        session.localDiscriminator = running.localDiscriminator
        try perform { () throws(GatewatchError) in
            try gatewatch.update(String(number), to: session)
        }
        book.withLock { $0.configurations[number] = session }
    }

    func status(_ number: Int64) throws(Failure) -> gatewatch_session_status {
        let name = String(number)
        var found: PeerSnapshot?
        try perform { () throws(GatewatchError) in
            found = try gatewatch.sessions().peers.first { $0.configuration.name == name }
        }
        guard let found else { throw .unknownSession }
        return gatewatch_session_status(found.snapshot.session)
    }

    func setRoutes(_ routes: [RouteConfiguration]) throws(Failure) {
        var change = ConfigurationChange()
        change.routes = routes
        try perform { () throws(GatewatchError) in _ = try gatewatch.apply(change) }
    }

    /// The oldest event that has something to say to a C program.
    func nextEvent() -> gatewatch_event? {
        inbox.withLock { inbox in
            while true {
                if inbox.taken == inbox.events.count {
                    inbox.events = gatewatch.takeEvents()
                    inbox.taken = 0
                    if inbox.events.isEmpty { return nil }
                }
                let event = inbox.events[inbox.taken]
                inbox.taken += 1
                if let record = record(event) { return record }
            }
        }
    }

    private func record(_ event: Event) -> gatewatch_event? {
        switch event {
        case .session(let peer, let change):
            let (number, tag) = owner(peer)
            return gatewatch_event(change, session: number, tag: tag)
        case .removed(let peer):
            let (number, tag) = owner(peer)
            forget(number)
            return gatewatch_event(kind: GATEWATCH_EVENT_REMOVED, session: number, tag: tag)
        case .route(let event):
            let route = event.key.map { "\($0)" } ?? ""
            return gatewatch_event(
                kind: GATEWATCH_EVENT_ROUTE,
                text: "\(event.kind.rawValue) \(route): \(event.cause)")
        case .warning(let text):
            return gatewatch_event(kind: GATEWATCH_EVENT_WARNING, text: text)
        case .lost(let count):
            var record = gatewatch_event(kind: GATEWATCH_EVENT_LOST)
            record.count = UInt64(count)
            return record
        // Told by the session's own events; and nobody may start sessions with us.
        case .client, .created: return nil
        }
    }

    private func owner(_ name: String) -> (number: Int64, tag: UInt64) {
        let number = Int64(name) ?? 0
        return (number, book.withLock { $0.tags[number] ?? 0 })
    }
}
