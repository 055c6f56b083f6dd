internal import BFDDriver
internal import Synchronization

/// Which peers there are, for all threads. Never touched on a packet's path.
final class PeerRegistry: Sendable {
    private struct Contents {
        var peers: [PeerID: PeerConfiguration] = [:]
        var ids: [String: PeerID] = [:]
        var last = 0
    }

    private let contents = Mutex(Contents())

    /// Takes a name; `nil` when it is taken.
    func add(_ peer: PeerConfiguration) -> PeerID? {
        contents.withLock { contents in
            guard contents.ids[peer.name] == nil else { return nil }
            contents.last += 1
            let id = PeerID(rawValue: contents.last)
            contents.ids[peer.name] = id
            contents.peers[id] = peer
            return id
        }
    }

    /// Gives a peer that came by itself the first of the names that nobody has.
    func welcome(_ id: PeerID, _ peer: PeerConfiguration, names: [String]) -> String {
        contents.withLock { contents in
            let free = names.first { contents.ids[$0] == nil }
            let name = free ?? "\(peer.name)#\(-id.rawValue)"
            contents.ids[name] = id
            contents.peers[id] = peer
            contents.peers[id]?.name = name
            return name
        }
    }

    /// Frees the name at once; the number is known until `forget`.
    func release(named name: String) -> PeerID? {
        contents.withLock { $0.ids.removeValue(forKey: name) }
    }

    func forget(_ id: PeerID) {
        contents.withLock { contents in
            guard let peer = contents.peers.removeValue(forKey: id) else { return }
            if contents.ids[peer.name] == id { contents.ids[peer.name] = nil }
        }
    }

    func update(_ id: PeerID, _ change: (inout PeerConfiguration) -> Void) {
        contents.withLock { contents in
            guard var peer = contents.peers[id] else { return }
            change(&peer)
            contents.peers[id] = peer
        }
    }

    func id(named name: String) -> PeerID? { contents.withLock { $0.ids[name] } }
    func peer(_ id: PeerID) -> PeerConfiguration? { contents.withLock { $0.peers[id] } }

    /// Peers that are configured, in the order they were added, then those that came by themselves.
    func all() -> [(id: PeerID, peer: PeerConfiguration)] {
        contents.withLock { contents in
            contents.ids.values.sorted { left, right in
                let isConfigured = (left.rawValue >= 0, right.rawValue >= 0)
                if isConfigured.0 != isConfigured.1 { return isConfigured.0 }
                return abs(left.rawValue) < abs(right.rawValue)
            }
            .compactMap { id in contents.peers[id].map { (id, $0) } }
        }
    }
}
