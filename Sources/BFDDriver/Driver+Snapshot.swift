internal import BFDCore

// What concerns all sessions is done a few at a time, so that packets that fall due meanwhile leave
// and arrive as if nothing else went on. Sessions in one snapshot may be some milliseconds apart.

extension Driver {
    /// How many sessions are copied between two looks at the clock: some 20 µs of work.
    private static var slice: Int { 32 }
    /// How many are added between two looks: each takes a socket.
    private static var addingSlice: Int { 4 }

    /// All sessions as they stand, once everything that has arrived is read.
    func snapshot() -> DriverSnapshot {
        drainAll(before: present())
        var sessions: [SessionSnapshot] = []
        sessions.reserveCapacity(engine.sessionCount + disabledLoops.count)
        for slot in 0..<engine.capacity {
            if slot % Self.slice == Self.slice - 1 { serveIfDue() }
            if let one = snapshot(of: slot) { sessions.append(one) }
        }
        for (peer, session) in disabledLoops { sessions.append(snapshot(of: session, peer)) }
        return DriverSnapshot(
            sessions: sessions, discards: engine.discards,
            punctuality: Punctuality(
                receiveDropCount: receiver.dropCount, transmitLateness: engine.transmitLateness,
                detectionOvershoot: engine.detectionOvershoot),
            samples: samples.all, now: present())
    }

    /// A session as it stands, by its slot; `nil` where there is none that has a peer.
    func snapshot(of slot: Int) -> SessionSnapshot? {
        guard let (handle, session) = engine.session(inSlot: slot),
            let peer = sockets.peer(of: slot), handles[peer] == handle
        else { return nil }
        return SessionSnapshot(
            peer: peer, session: session, learnedSource: sockets.learnedSource(of: slot),
            interface: sockets.interface(of: slot),
            sourcePort: sockets.sourcePort(of: slot), sendFailure: sockets.failure(of: slot),
            authenticationType: engine.authenticationType(of: handle),
            transmitSequence: engine.transmitSequence(of: handle),
            templateKeyChain: keyChain(ofTemplate: session.templateNumber))
    }

    /// Adds sessions, up to the first that is refused; their discriminators.
    func addAll(_ sessions: [DriverSession]) -> Result<[UInt32], DriverError> {
        var discriminators: [UInt32] = []
        discriminators.reserveCapacity(sessions.count)
        for session in sessions {
            if discriminators.count % Self.addingSlice == 0 { serveIfDue() }
            switch add(session) {
            case .success(let discriminator): discriminators.append(discriminator)
            case .failure(let error): return .failure(error)
            }
        }
        return .success(discriminators)
    }
}
