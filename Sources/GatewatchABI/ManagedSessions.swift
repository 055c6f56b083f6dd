internal import BFDCore
internal import BFDDriver
internal import CGatewatch
internal import Gatewatch
internal import RouteController
internal import RouteCore
internal import Synchronization

/// Sessions on the library's own threads, and the callers' names of them.
final class ManagedSessions: Sendable, SessionKeeper {
    private struct Book {
        var last: Int64 = 0
        /// What callers have added and not removed, by the numbers that are their names.
        var peers: [Int64: PeerConfiguration] = [:]
        /// Of sessions that are there or on their way out.
        var tags: [Int64: UInt64] = [:]
        var guests = GuestNumbers()

        func name(of number: Int64) throws(Failure) -> String {
            if let guest = guests.name(of: number) { return guest }
            return try own(number).name
        }

        /// A session that a caller has added.
        func own(_ number: Int64) throws(Failure) -> PeerConfiguration {
            guard guests.name(of: number) == nil else { throw .mode }
            guard let peer = peers[number] else { throw .unknownSession }
            return peer
        }

        func owner(_ name: String) -> (number: Int64, tag: UInt64) {
            let number = guests.number(of: name) ?? Int64(name) ?? 0
            return (number, tags[number] ?? 0)
        }
    }

    private struct Inbox {
        var events: [Event] = []
        var taken = 0
    }

    private let gatewatch: Gatewatch
    private let book = Mutex(Book())
    private let inbox = Mutex(Inbox())
    /// More removed sessions than events can wait for: what is told of some of them was lost.
    private let mostLeaving: Int

    init(_ configuration: GatewatchConfiguration) throws(Failure) {
        var configuration = configuration
        // Its sessions tell it all.
        configuration.tellsClients = false
        mostLeaving = configuration.sessionCapacity * 16 + 4_096
        do throws(GatewatchError) {
            gatewatch = try Gatewatch(configuration)
        } catch {
            throw Failure(error)
        }
    }

    func close() { gatewatch.close() }

    var descriptor: Int32 { gatewatch.eventDescriptor }

    func add(_ request: SessionRequest) throws(Failure) -> Int64 {
        let (number, peer) = book.withLock { book in
            book.last += 1
            var peer = PeerConfiguration(
                name: String(book.last), session: request.session, interface: request.interface,
                keyChain: request.keys?.keyChain, trafficClass: request.trafficClass,
                policy: ClientPolicy(holdTime: request.holdTime), followsLink: request.followsLink)
            peer.transmitSequence = request.keys?.transmitSequence
            peer.echoSource = request.echoSource
            book.peers[book.last] = peer
            book.tags[book.last] = request.tag
            return (book.last, peer)
        }
        do throws(Failure) {
            try perform { () throws(GatewatchError) in try gatewatch.add(peer) }
        } catch {
            book.withLock { book in
                book.peers[number] = nil
                book.tags[number] = nil
            }
            throw error
        }
        return number
    }

    private func perform(_ body: () throws(GatewatchError) -> Void) throws(Failure) {
        do throws(GatewatchError) {
            try body()
        } catch {
            throw Failure(error)
        }
    }

    private func name(_ number: Int64) throws(Failure) -> String {
        try book.withLock { book throws(Failure) in try book.name(of: number) }
    }

    private func own(_ number: Int64) throws(Failure) -> PeerConfiguration {
        try book.withLock { book throws(Failure) in try book.own(number) }
    }

    func remove(_ number: Int64) throws(Failure) {
        let name = try name(number)
        try perform { () throws(GatewatchError) in try gatewatch.removePeer(named: name) }
        book.withLock { book in
            book.peers[number] = nil
            guard book.tags.count > book.peers.count + mostLeaving else { return }
            book.tags = book.tags.filter { book.peers[$0.key] != nil }
        }
    }

    func setAdministrativelyDown(_ isDown: Bool, _ number: Int64) throws(Failure) {
        let name = try name(number)
        try perform { () throws(GatewatchError) in
            try gatewatch.setAdministrativelyDown(isDown, peer: name)
        }
    }

    func update(_ number: Int64, to request: SessionRequest) throws(Failure) {
        var peer = try own(number)
        let running = peer.session
        peer.session = request.session
        peer.session.path = running.path
        peer.session.remoteDiscriminator = running.remoteDiscriminator
        peer.trafficClass = request.trafficClass
        peer.echoSource = request.echoSource
        peer.policy.holdTime = request.holdTime
        var change = ConfigurationChange()
        change.updated = [peer]
        try perform { () throws(GatewatchError) in _ = try gatewatch.apply(change) }
        book.withLock { $0.peers[number] = peer }
    }

    func setKeys(_ number: Int64, to request: KeyRequest?) throws(Failure) {
        var peer = try own(number)
        peer.keyChain = request?.keyChain
        try perform { () throws(GatewatchError) in
            try gatewatch.setKeyChain(
                request?.keyChain, peer: peer.name, transmitSequence: request?.transmitSequence)
        }
        book.withLock { $0.peers[number]?.keyChain = peer.keyChain }
    }

    func signal(_ signal: SessionSignal, _ number: Int64) throws(Failure) {
        let name = try name(number)
        try perform { () throws(GatewatchError) in try gatewatch.signal(signal, peer: name) }
    }

    func status(_ number: Int64) throws(Failure) -> gatewatch_session_status {
        let name = try name(number)
        var found: PeerSnapshot?
        try perform { () throws(GatewatchError) in
            found = try gatewatch.sessions().peers.first { $0.configuration.name == name }
        }
        guard let found else { throw .unknownSession }
        return unsafe gatewatch_session_status(found.snapshot)
    }

    func number(after previous: Int64) -> Int64? {
        let names = gatewatch.unsolicitedPeers().map(\.name)
        return book.withLock { book in
            for name in names { _ = book.guests.find(name, last: &book.last) }
            return (Array(book.peers.keys) + book.guests.all).filter { $0 > previous }.min()
        }
    }

    func setUnsolicited(_ peers: [UnsolicitedPeers]) throws(Failure) {
        var change = ConfigurationChange()
        change.unsolicited = peers
        try perform { () throws(GatewatchError) in _ = try gatewatch.apply(change) }
    }

    func setRoutes(_ routes: [RouteConfiguration]) throws(Failure) {
        var routes = routes
        book.withLock { book in
            for route in routes.indices {
                for hop in routes[route].nextHops.indices {
                    let number = Int64(routes[route].nextHops[hop].peer) ?? 0
                    guard let guest = book.guests.name(of: number) else { continue }
                    routes[route].nextHops[hop].peer = guest
                }
            }
        }
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
            let (number, tag) = book.withLock { $0.owner(peer) }
            return gatewatch_event(change, session: number, tag: tag)
        case .removed(let peer):
            let (number, tag) = book.withLock { book in
                defer {
                    book.tags[book.owner(peer).number] = nil
                    book.guests.forget(peer)
                }
                return book.owner(peer)
            }
            return gatewatch_event(kind: GATEWATCH_EVENT_REMOVED, session: number, tag: tag)
        case .route(let event):
            let route = event.key.map { "\($0)" } ?? ""
            return gatewatch_event(
                kind: GATEWATCH_EVENT_ROUTE,
                text: "\(event.kind.rawValue) \(route): \(event.cause)")
        case .warning(let text):
            return gatewatch_event(kind: GATEWATCH_EVENT_WARNING, text: text)
        case .lost(let count): return gatewatch_event(lost: count)
        case .created(let peer):
            let number = book.withLock { book in
                book.guests.welcome(peer, last: &book.last)
            }
            return gatewatch_event(
                kind: GATEWATCH_EVENT_CREATED, session: number, text: peer)
        // Told by the session's own events.
        case .client: return nil
        }
    }
}
