internal import BFDCore
internal import BFDDriver
internal import CGatewatch
internal import RouteCore

/// Sessions that the caller's loop drives, and the caller's names of them.
final class DrivenSessions: SessionKeeper {
    private let engine: DrivenEngine
    private var last: Int64 = 0
    /// The tags of sessions that callers have added and not removed.
    private var tags: [Int64: UInt64] = [:]
    /// The tags of those that are on their way out.
    private var leaving: [Int64: UInt64] = [:]
    private var guests = GuestNumbers()
    private var events: [DriverEvent] = []
    private var taken = 0
    private var lost = 0

    init(sessionCapacity: Int, seed: UInt64) throws(Failure) {
        do throws(DriverError) {
            engine = try DrivenEngine(sessionCapacity: sessionCapacity, seed: seed)
        } catch {
            throw Failure(error)
        }
    }

    var descriptor: Int32 { engine.descriptor }

    var deadline: Int64 { engine.deadline.nanoseconds }

    func add(_ request: SessionRequest) throws(Failure) -> Int64 {
        last += 1
        var session = DriverSession(
            peer: PeerID(rawValue: Int(last)), configuration: request.session,
            interface: request.interface, trafficClass: request.trafficClass,
            keyChain: request.keys?.keyChain, transmitSequence: request.keys?.transmitSequence)
        session.echoSource = request.echoSource
        do throws(DriverError) {
            _ = try engine.add(session)
        } catch {
            throw Failure(error)
        }
        tags[last] = request.tag
        return last
    }

    private func id(_ number: Int64) throws(Failure) -> PeerID {
        if let guest = guests.name(of: number).flatMap({ Int($0) }) {
            return PeerID(rawValue: guest)
        }
        return try own(number)
    }

    /// A session that the caller has added.
    private func own(_ number: Int64) throws(Failure) -> PeerID {
        guard guests.name(of: number) == nil else { throw .mode }
        guard tags[number] != nil else { throw .unknownSession }
        return PeerID(rawValue: Int(number))
    }

    func remove(_ number: Int64) throws(Failure) {
        let id = try id(number)
        if let tag = tags.removeValue(forKey: number) { leaving[number] = tag }
        engine.remove(id)
    }

    func setAdministrativelyDown(_ isDown: Bool, _ number: Int64) throws(Failure) {
        engine.setAdministrativelyDown(isDown, try id(number))
    }

    func update(_ number: Int64, to request: SessionRequest) throws(Failure) {
        let id = try own(number)
        engine.setMarks(id, trafficClass: request.trafficClass, echoSource: request.echoSource)
        engine.update(id, to: request.session)
    }

    func setKeys(_ number: Int64, to request: KeyRequest?) throws(Failure) {
        engine.setKeyChain(
            request?.keyChain, try own(number), transmitSequence: request?.transmitSequence)
    }

    func signal(_ signal: SessionSignal, _ number: Int64) throws(Failure) {
        let id = try id(number)
        do throws(EngineError) {
            try engine.perform(signal, id)
        } catch {
            throw Failure(error)
        }
    }

    func status(_ number: Int64) throws(Failure) -> gatewatch_session_status {
        guard let found = engine.session(try id(number)) else { throw .unknownSession }
        return unsafe gatewatch_session_status(found)
    }

    func number(after previous: Int64) -> Int64? {
        for id in engine.unsolicitedPeers { _ = guests.find("\(id.rawValue)", last: &last) }
        return (Array(tags.keys) + guests.all).filter { $0 > previous }.min()
    }

    func setUnsolicited(_ peers: [UnsolicitedPeers]) { engine.setUnsolicited(peers) }

    /// Does what is due; whether there are events.
    func serve() -> Bool {
        engine.serve()
        fetch()
        return taken < events.count || lost > 0
    }

    private func fetch() {
        guard taken == events.count else { return }
        lost += engine.takeEvents(into: &events)
        taken = 0
    }

    /// The oldest event that has something to say to a C program.
    func nextEvent() -> gatewatch_event? {
        while true {
            fetch()
            guard taken < events.count else { break }
            let event = events[taken]
            taken += 1
            if let record = record(event) { return record }
        }
        guard lost > 0 else { return nil }
        // The end of these is among what was lost: nothing that is to come is about them.
        leaving = leaving.filter { engine.session(PeerID(rawValue: Int($0.key))) != nil }
        defer { lost = 0 }
        return gatewatch_event(lost: lost)
    }

    private func record(_ event: DriverEvent) -> gatewatch_event? {
        switch event {
        case .stateChanged(let id, let change):
            let number = number(of: id)
            return gatewatch_event(
                change, session: number, tag: tags[number] ?? leaving[number] ?? 0)
        case .removed(let id):
            let number = number(of: id)
            guests.forget("\(id.rawValue)")
            return gatewatch_event(
                kind: GATEWATCH_EVENT_REMOVED, session: number,
                tag: leaving.removeValue(forKey: number) ?? 0)
        case .warning(let text):
            return gatewatch_event(kind: GATEWATCH_EVENT_WARNING, text: text)
        case .created(let id, let session, let interface, _):
            let number = guests.welcome("\(id.rawValue)", last: &last)
            return gatewatch_event(
                kind: GATEWATCH_EVENT_CREATED, session: number,
                text: session.path.text(interface: interface))
        }
    }

    private func number(of id: PeerID) -> Int64 {
        id.rawValue > 0 ? Int64(id.rawValue) : guests.number(of: "\(id.rawValue)") ?? 0
    }
}

extension gatewatch_session_status {
    init(_ snapshot: SessionSnapshot) {
        unsafe self.init(
            snapshot.session, authentication: snapshot.authenticationType,
            transmitSequence: snapshot.transmitSequence)
    }
}

extension Path {
    /// The peer, and where its address is not enough the interface.
    fileprivate func text(interface: String?) -> String {
        let address = "\(HostAddress(destination))"
        guard destination.isLinkLocal, let interface else { return address }
        return "\(address)%\(interface)"
    }
}
