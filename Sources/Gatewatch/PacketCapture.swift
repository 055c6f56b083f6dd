internal import BFDCore
public import BFDDriver
internal import Synchronization

/// The packets of all sessions, or of some, as they come and go, for somebody who takes a look
/// several times a second.
///
/// It never delays a packet: what is not taken in time is lost, and counted.
public final class PacketCapture: Sendable {
    private struct Names {
        var byPeer: [PeerID: String] = [:]
        var byAddress: [IPAddress: String] = [:]
        var version = -1
    }

    private let taps: [PacketTap]
    private let registry: PeerRegistry
    private let names = Mutex(Names())

    init(_ taps: [PacketTap], _ registry: PeerRegistry) {
        self.taps = taps
        self.registry = registry
    }

    deinit {
        close()
    }

    /// Ends it; what has not been taken is gone.
    public func close() {
        for tap in taps { tap.close() }
    }

    /// Takes what came and went since the last look.
    public func take() -> TappedPackets {
        var all = TappedPackets()
        for tap in taps {
            let some = tap.take()
            all.packets = all.packets.isEmpty ? some.packets : all.packets + some.packets
            all.interfaceNames.merge(some.interfaceNames) { $1 }
            all.lostCount += some.lostCount
        }
        return all
    }

    /// The name of a packet's peer; by the sender's address where nothing else is known of it.
    public func peerName(of packet: TappedPacket) -> String? {
        names.withLock { names in
            if names.version != registry.version { names = read() }
            guard let peer = packet.peer else { return names.byAddress[packet.source] }
            if let known = names.byPeer[peer] { return known }
            // A peer that came by itself; the next ones are looked up like this one.
            let name = registry.clients(of: peer).first?.name
            names.byPeer[peer] = name
            return name
        }
    }

    private func read() -> Names {
        var names = Names(version: registry.version)
        for (id, peer) in registry.all() {
            if names.byPeer[id] == nil { names.byPeer[id] = peer.name }
            let address = peer.session.path.destination
            if names.byAddress[address] == nil { names.byAddress[address] = peer.name }
        }
        return names
    }
}

extension Gatewatch {
    /// Begins to copy the packets of the named peers' sessions, or of all where none is named.
    ///
    /// What cannot belong to a session is copied with all, and with a peer when it comes from that
    /// peer's address.
    public func capture(peers: [String]) throws(GatewatchError) -> PacketCapture {
        guard !peers.isEmpty else {
            return PacketCapture(engine.taps(peers: nil, addresses: []), registry)
        }
        var ids: Set<PeerID> = []
        var addresses: Set<IPAddress> = []
        for name in peers {
            guard let id = registry.id(named: name) else { throw .unknownPeer(name) }
            ids.insert(id)
            for peer in registry.clients(of: id) { addresses.insert(peer.session.path.destination) }
        }
        return PacketCapture(engine.taps(peers: ids, addresses: addresses), registry)
    }
}
