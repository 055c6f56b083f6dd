internal import BFDCore
internal import BFDDriver

extension Gatewatch {
    /// Starts a session; returns its discriminator, which a later run may bring along.
    ///
    /// Peers of one path share one session (RFC 5882 §2): it has the fastest of their timers, and
    /// each is told of its changes.
    @discardableResult
    public func add(_ peer: PeerConfiguration) throws(GatewatchError) -> UInt32 {
        try add([peer]).first ?? 0
    }

    /// Starts sessions, all at once; returns their discriminators in the same order.
    ///
    /// Sessions before one that is refused stay; how many that are is not said.
    public func add(_ peers: [PeerConfiguration]) throws(GatewatchError) -> [UInt32] {
        var ids: [PeerID] = []
        var starts: [DriverSession] = []
        var joins: [(id: PeerID, name: String, configuration: SessionConfiguration)] = []
        var taken: String?
        for peer in peers {
            guard let change = registry.add(peer) else {
                taken = peer.name
                break
            }
            switch change {
            case .start(let session, let configuration):
                ids.append(PeerID(rawValue: session))
                starts.append(DriverSession(peer, PeerID(rawValue: session), configuration))
                if configuration.isAdministrativelyDown {
                    routeCommands.post(.setStanding(peer.name, .adminDown))
                }
            case .adjust(let session, let configuration):
                ids.append(PeerID(rawValue: session))
                joins.append((PeerID(rawValue: session), peer.name, configuration))
            case .end: break
            }
        }
        let discriminators = try start(starts)
        for join in joins {
            engine.thread(of: join.id).update(join.id, to: join.configuration)
            routeCommands.post(.join(join.id, join.name))
        }
        if let taken { throw .nameInUse(taken) }
        return try joins.isEmpty ? discriminators : self.discriminators(of: ids)
    }

    /// What the engine refuses has never been there.
    private func start(_ sessions: [DriverSession]) throws(GatewatchError) -> [UInt32] {
        do throws(DriverError) {
            return try engine.addAll(sessions)
        } catch {
            let running = Set(try snapshot().sessions.map(\.peer))
            for session in sessions where !running.contains(session.peer) {
                for client in registry.clients(of: session.peer) {
                    _ = registry.remove(named: client.name)
                }
                _ = registry.forget(session.peer)
            }
            throw .driver(error)
        }
    }

    private func discriminators(of ids: [PeerID]) throws(GatewatchError) -> [UInt32] {
        let known = Dictionary(
            try snapshot().sessions.map { ($0.peer, $0.session.localDiscriminator) },
            uniquingKeysWith: { first, _ in first })
        return ids.map { known[$0] ?? 0 }
    }
}

extension DriverSession {
    init(_ peer: PeerConfiguration, _ id: PeerID, _ configuration: SessionConfiguration) {
        self.init(
            peer: id, configuration: configuration, interface: peer.interface,
            trafficClass: peer.trafficClass, keyChain: peer.keyChain,
            transmitSequence: peer.transmitSequence)
        echoSource = peer.echoSource
        kept = peer.kept
    }
}
