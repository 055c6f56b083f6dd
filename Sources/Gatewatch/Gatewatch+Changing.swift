internal import BFDAuthentication
internal import BFDCore
internal import BFDDriver
internal import RouteController

// From one configuration to another: first what may be refused, in such an order that it can be
// taken back, then what cannot.
//
//     checks ─▶ new peers ─▶ form of routes ─▶ routes ─▶ peers that begin anew ─▶ the rest
//                  └──────────────┴─ refused: the new peers go again
//                                                              └─ refused: the old ones return

extension Gatewatch {
    /// Follows a new configuration, all of it or nothing; returns the discriminators of new and
    /// restarted peers.
    ///
    /// Sessions that are in no part of the change are not touched. A next hop that stays in its
    /// route never leaves it.
    public func apply(
        _ change: ConfigurationChange
    ) throws(GatewatchError) -> [String: UInt32] {
        try check(change)
        var discriminators = try addAll(change.added)
        if let options = change.routeOptions {
            do throws(GatewatchError) {
                if let refusal = try ask({ .setOptions(options, $0) }) { throw refusal }
            } catch {
                takeBack(change.added)
                throw error
            }
        }
        let before = change.restarted.compactMap { registry.peer(named: $0.name) }
        try leave(change)
        do throws(GatewatchError) {
            discriminators.merge(try addAll(change.restarted)) { _, new in new }
        } catch {
            _ = try? addAll(before)
            takeBack(change.added)
            throw error
        }
        for peer in change.updated { update(peer) }
        if let peers = change.unsolicited {
            engine.setUnsolicited(peers)
            routeCommands.post(.setUnsolicited(peers))
        }
        if let settings = change.realTime {
            engine.setRealTime(settings)
            routeCommands.post(.setPriority(settings.priority))
        }
        return discriminators
    }

    /// The configured peers as they run, without those that came by themselves.
    public func peers() -> [PeerConfiguration] {
        registry.all().filter { $0.id.rawValue >= 0 }.map(\.peer)
    }

    /// Whether a peer has the name.
    public func hasPeer(named name: String) -> Bool { registry.id(named: name) != nil }

    /// Whether the session of a peer is disabled; false when there is no such peer.
    public func isAdministrativelyDown(peer name: String) -> Bool {
        registry.peer(named: name)?.session.isAdministrativelyDown ?? false
    }

    /// Installs routes again that were withdrawn, or left alone, on request.
    public func resumeRoutes() throws(GatewatchError) {
        _ = try ask { .resume($0) }
    }

    /// All that can be known to be refused beforehand.
    private func check(_ change: ConfigurationChange) throws(GatewatchError) {
        do throws(EngineError) {
            for peer in change.added + change.updated + change.restarted {
                try peer.session.validate()
            }
        } catch {
            throw .driver(.engine(error))
        }
        guard let routes = change.routes else { return }
        do throws(RouteControllerError) {
            try RouteConfiguration.validate(routes)
        } catch {
            throw .routes(error)
        }
    }

    /// Adds peers, or none of them.
    private func addAll(
        _ peers: [PeerConfiguration]
    ) throws(GatewatchError) -> [String: UInt32] {
        guard !peers.isEmpty else { return [:] }
        let discriminators: [UInt32]
        do throws(GatewatchError) {
            discriminators = try add(peers)
        } catch {
            // A name that was taken before is somebody else's.
            var ours = peers
            if case .nameInUse(let name) = error { ours.removeAll { $0.name == name } }
            takeBack(ours)
            throw error
        }
        return Dictionary(
            zip(peers.map(\.name), discriminators), uniquingKeysWith: { first, _ in first })
    }

    private func takeBack(_ peers: [PeerConfiguration]) {
        for peer in peers { try? removePeer(named: peer.name) }
    }

    /// Takes peers out of routes, follows the new routes, then ends the sessions.
    private func leave(_ change: ConfigurationChange) throws(GatewatchError) {
        var routeChange = RouteChange(
            restarting: change.restarted.map(\.name), leaving: change.removed,
            routes: change.routes)
        guard !routeChange.isEmpty else { return }
        var ends: [PeerID] = []
        for name in routeChange.restarting + routeChange.leaving {
            let peer = registry.peer(named: name)
            switch registry.remove(named: name) {
            case .end(let session): ends.append(PeerID(rawValue: session))
            case .adjust(let session, let configuration), .start(let session, let configuration):
                leaveToOthers(PeerID(rawValue: session), configuration, after: peer)
                routeChange.shared.append(name)
            case nil: break
            }
        }
        if let refusal = try ask({ .change(routeChange, $0) }) { throw refusal }
        for id in ends { engine.remove(id) }
    }

    /// A session goes on for the others who share it, as they want it.
    private func leaveToOthers(
        _ id: PeerID, _ configuration: SessionConfiguration, after peer: PeerConfiguration?
    ) {
        engine.thread(of: id).update(id, to: configuration)
        guard let peer, let heir = registry.clients(of: id).first, !heir.hasSameKeys(as: peer)
        else { return }
        registry.setKeyChain(heir.keyChain, id)
        engine.thread(of: id).setKeyChain(
            heir.keyChain, id, transmitSequence: heir.transmitSequence)
    }

    /// Has a session go on with other parameters.
    private func update(_ wanted: PeerConfiguration) {
        guard let running = registry.peer(named: wanted.name),
            let id = registry.id(named: wanted.name)
        else { return }
        let peer = wanted.goingOn(from: running)
        let thread = engine.thread(of: id)
        guard let change = registry.replace(peer) else { return }
        if !running.hasSameMarks(as: peer) {
            thread.setMarks(id, trafficClass: peer.trafficClass, echoSource: peer.echoSource)
        }
        switch change {
        case .start(_, let configuration), .adjust(_, let configuration):
            if running.session != peer.session { thread.update(id, to: configuration) }
        case .end: break
        }
        if !running.hasSameKeys(as: peer) {
            registry.setKeyChain(peer.keyChain, id)
            thread.setKeyChain(peer.keyChain, id, transmitSequence: peer.transmitSequence)
        }
        if running.policy != peer.policy { routeCommands.post(.setPolicy(peer.name)) }
    }
}
