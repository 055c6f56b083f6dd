internal import BFDAuthentication
internal import BFDCore
internal import BFDDriver
internal import CGatewatch

/// What `struct gatewatch_core` is: an engine, and the callers' names of its sessions.
///
/// A session's number is made of its slot and of how many there have been before it:
///
///     number   63 … 16: serial, from 1  |  15 … 0: slot
final class CoreSessions {
    private struct Place {
        var number: Int64 = 0
        var handle: SessionHandle?
        var tag: UInt64 = 0
        var keyChain: KeyChain?
    }

    private var engine: Engine
    private var places: [Place]
    /// Sessions that have made room for another one on their path, until their end has been told.
    private var departed: [SessionHandle: Place] = [:]
    private var serial: Int64 = 0
    /// The latest moment that came in.
    private var latest = Instant(nanoseconds: 0)

    init(capacity: Int, seed: UInt64) {
        engine = Engine(capacity: capacity, seed: seed)
        places = [Place](repeating: Place(), count: capacity)
    }

    /// What the engine would trap at is the caller's mistake here.
    private func moment(_ now: Int64) throws(Failure) -> Instant {
        guard now > 0, now < Int64.max / 2 else { throw .argument }
        guard now >= latest.nanoseconds else { throw .clock }
        latest = Instant(nanoseconds: now)
        return latest
    }

    private func place(_ number: Int64) throws(Failure) -> (slot: Int, handle: SessionHandle) {
        let slot = Int(number & 0xffff)
        guard number > 0, slot < places.count, places[slot].number == number,
            let handle = places[slot].handle
        else { throw .unknownSession }
        return (slot, handle)
    }

    private func perform(
        _ body: (inout Engine) throws(EngineError) -> Void
    ) throws(Failure) {
        do throws(EngineError) {
            try body(&engine)
        } catch {
            throw Failure(error)
        }
    }

    func add(_ request: SessionRequest, at now: Int64) throws(Failure) -> Int64 {
        let now = try moment(now)
        guard request.keys == nil || engine.hasRoomForNotices else { throw .pollFirst }
        let handle: SessionHandle
        do throws(EngineError) {
            handle = try engine.addSession(request.session, at: now)
            if let keys = request.keys {
                try engine.setAuthentication(
                    keys.keyChain.rules, handle, goingOnAfter: keys.transmitSequence, at: now)
            }
        } catch {
            throw Failure(error)
        }
        if let previous = places[handle.index].handle {
            departed[previous] = places[handle.index]
        }
        serial += 1
        let number = serial << 16 | Int64(handle.index)
        places[handle.index] = Place(
            number: number, handle: handle, tag: request.tag, keyChain: request.keys?.keyChain)
        return number
    }

    func remove(_ number: Int64, at now: Int64) throws(Failure) {
        let handle = try place(number).handle
        let now = try moment(now)
        try perform { engine throws(EngineError) in try engine.removeSession(handle, at: now) }
    }

    func setAdministrativelyDown(
        _ isDown: Bool, _ number: Int64, at now: Int64
    ) throws(Failure) {
        let handle = try place(number).handle
        let now = try moment(now)
        try perform { engine throws(EngineError) in
            try engine.setAdministrativelyDown(isDown, handle, at: now)
        }
    }

    func update(
        _ number: Int64, to request: SessionRequest, at now: Int64
    ) throws(Failure) {
        let handle = try place(number).handle
        guard let running = engine.session(handle) else { throw .unknownSession }
        var session = request.session
        session.path = running.configuration.path
        let now = try moment(now)
        try perform { engine throws(EngineError) in
            try engine.update(handle, to: session, at: now)
        }
    }

    func setKeys(
        _ number: Int64, to keys: KeyRequest?, at now: Int64
    ) throws(Failure) {
        let (slot, handle) = try place(number)
        let now = try moment(now)
        try perform { engine throws(EngineError) in
            try engine.setAuthentication(
                keys?.keyChain.rules, handle, goingOnAfter: keys?.transmitSequence, at: now)
        }
        places[slot].keyChain = keys?.keyChain
    }

    func signal(_ signal: SessionSignal, _ number: Int64, at now: Int64) throws(Failure) {
        let handle = try place(number).handle
        let now = try moment(now)
        try perform { engine throws(EngineError) in
            try signal.apply(to: &engine, handle, at: now)
        }
    }

    func status(_ number: Int64) throws(Failure) -> gatewatch_session_status {
        let handle = try place(number).handle
        guard let session = engine.session(handle) else { throw .unknownSession }
        return unsafe gatewatch_session_status(
            session, authentication: engine.authenticationType(of: handle),
            transmitSequence: engine.transmitSequence(of: handle))
    }

    /// The number of the session that a packet counts for, or why it was dropped.
    func receive(
        _ bytes: borrowing Span<UInt8>, _ arrival: gatewatch_arrival, at now: Int64
    ) throws(Failure) -> Result<Int64, DiscardReason> {
        guard let source = arrival.source.address, let destination = arrival.destination.address,
            arrival.ttl <= 255
        else { throw .argument }
        let transport = try Transport(number: arrival.transport)
        guard transport != .unaffiliatedEcho else { throw .argument }
        let now = try moment(now)
        let receivedAt = Instant(nanoseconds: max(0, min(arrival.received_at, now.nanoseconds)))
        var reception = engine.receive(
            bytes,
            Arrival(
                source: source, destination: destination,
                interfaceIndex: arrival.interface_index,
                hopLimit: arrival.ttl < 0 ? nil : UInt8(arrival.ttl), transport: transport,
                receivedAt: receivedAt), at: now)
        if case .needsDigest(let challenge) = reception {
            let keyChain = places[challenge.session.index].keyChain
            reception = engine.finish(
                challenge, digestMatches: keyChain?.matches(challenge, bytes) ?? false, at: now)
        }
        switch reception {
        case .accepted(let handle): return .success(places[handle.index].number)
        case .discarded(let reason): return .failure(reason)
        // It has been answered.
        case .needsDigest: return .failure(.authenticationMismatch)
        }
    }

    func handleTimeout(at now: Int64) throws(Failure) {
        engine.handleTimeout(at: try moment(now))
    }

    var deadline: Int64 { engine.nextDeadline?.nanoseconds ?? .max }

    /// What is to be done next.
    enum Task {
        case packet(gatewatch_packet)
        case event(gatewatch_event)
    }

    func poll() -> Task? {
        while let output = engine.poll() {
            switch output {
            case .transmit(let transmission):
                if let packet = packet(transmission) { return .packet(packet) }
            case .stateChanged(let change):
                let place = owner(change.session)
                return .event(gatewatch_event(change, session: place.number, tag: place.tag))
            case .removed(let handle):
                let place = owner(handle)
                if departed.removeValue(forKey: handle) == nil {
                    places[handle.index] = Place()
                }
                var event = gatewatch_event(
                    kind: GATEWATCH_EVENT_REMOVED, session: place.number, tag: place.tag)
                event.at = latest.nanoseconds
                return .event(event)
            // Neither Echo packets nor sessions that peers start have been asked for.
            case .transmitEcho, .created: continue
            }
        }
        return nil
    }

    private func owner(_ handle: SessionHandle) -> Place {
        departed[handle] ?? places[handle.index]
    }

    private func packet(_ transmission: Transmission) -> gatewatch_packet? {
        let place = places[transmission.session.index]
        guard let path = engine.session(transmission.session)?.configuration.path else {
            return nil
        }
        var packet = gatewatch_packet()
        packet.session = place.number
        packet.tag = place.tag
        packet.interface_index = path.interfaceIndex
        packet.destination = gatewatch_address(path.destination)
        if !path.source.isUnspecified { packet.source = gatewatch_address(path.source) }
        packet.destination_port = path.transport.destinationPort
        packet.count = UInt16(transmission.payloadByteCount)
        let section =
            transmission.authentication.flatMap {
                place.keyChain?.section($0, transmission.packet)
            } ?? []
        unsafe withUnsafeMutableBytes(of: &packet.bytes) { bytes in
            var span = unsafe bytes.mutableBytes
            transmission.packet.encode(into: &span)
            for (offset, octet) in section.enumerated() {
                unsafe bytes[ControlPacket.mandatoryByteCount + offset] = octet
            }
        }
        return packet
    }
}
