internal import BFDCore
internal import BFDDriver
internal import CGatewatch

/// Sessions that the caller's loop drives, and the caller's names of them.
final class DrivenSessions {
    private let engine: DrivenEngine
    private var last = 0
    private var configurations: [PeerID: SessionConfiguration] = [:]
    private var tags: [PeerID: UInt64] = [:]
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
        let session = request.session
        last += 1
        let id = PeerID(rawValue: last)
        tags[id] = request.tag
        do throws(DriverError) {
            _ = try engine.add(
                DriverSession(
                    peer: id, configuration: session, interface: request.interface,
                    trafficClass: request.trafficClass))
        } catch {
            tags[id] = nil
            throw Failure(error)
        }
        configurations[id] = session
        return Int64(last)
    }

    private func id(_ number: Int64) throws(Failure) -> PeerID {
        let id = PeerID(rawValue: Int(number))
        guard configurations[id] != nil else { throw .unknownSession }
        return id
    }

    func remove(_ number: Int64) throws(Failure) {
        let id = try id(number)
        configurations[id] = nil
        engine.remove(id)
    }

    func setAdministrativelyDown(_ isDown: Bool, _ number: Int64) throws(Failure) {
        engine.setAdministrativelyDown(isDown, try id(number))
    }

    func update(_ number: Int64, to request: SessionRequest) throws(Failure) {
        engine.update(try id(number), to: request.session)
    }

    func status(_ number: Int64) throws(Failure) -> gatewatch_session_status {
        guard let session = engine.session(try id(number)) else { throw .unknownSession }
        return gatewatch_session_status(session)
    }

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
        var record = gatewatch_event(kind: GATEWATCH_EVENT_LOST)
        record.count = UInt64(lost)
        lost = 0
        return record
    }

    private func record(_ event: DriverEvent) -> gatewatch_event? {
        switch event {
        case .stateChanged(let id, let change):
            return gatewatch_event(change, session: Int64(id.rawValue), tag: tags[id] ?? 0)
        case .removed(let id):
            let tag = tags.removeValue(forKey: id) ?? 0
            return gatewatch_event(
                kind: GATEWATCH_EVENT_REMOVED, session: Int64(id.rawValue), tag: tag)
        case .warning(let text):
            return gatewatch_event(kind: GATEWATCH_EVENT_WARNING, text: text)
        case .created: return nil
        }
    }
}
