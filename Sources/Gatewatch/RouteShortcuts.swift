internal import BFDCore
internal import BFDDriver
internal import RouteController

/// What the next change of each session's state needs to know, looked up while there is time.
struct RouteShortcuts {
    /// By the number of the session; sessions that peers have started have none.
    private var bySession: [[RouteShortcut]] = []
    private var setsVersion = -1
    private var version = -1
    private var registryVersion = -1

    /// Moves the routes of a session's clients, where that is one message to each group.
    ///
    /// Only what concerns them at once, in any case: a failure without hold time, and a return.
    func take(_ change: StateChange, _ id: PeerID, _ controller: RouteController) {
        guard bySession.indices.contains(id.rawValue), !bySession[id.rawValue].isEmpty else {
            return
        }
        let isUp = change.to == .up
        guard isUp || change.from == .up && change.isFailure else { return }
        controller.takeShortcuts(
            bySession[id.rawValue], up: isUp, version: setsVersion, since: change.at.nanoseconds)
    }

    /// Whether something has changed since they were looked up.
    func isOld(_ registry: PeerRegistry, _ controller: RouteController) -> Bool {
        version != controller.shortcutVersion || registryVersion != registry.version
    }

    /// Looks everything up anew.
    mutating func refresh(_ registry: PeerRegistry, _ controller: RouteController) {
        registryVersion = registry.version
        let byPeer = controller.shortcuts()
        bySession = []
        for (id, peer) in registry.all() where id.rawValue >= 0 {
            guard peer.policy.holdTime <= .zero, let found = byPeer[peer.name] else { continue }
            while bySession.count <= id.rawValue { bySession.append([]) }
            bySession[id.rawValue] += found
        }
        setsVersion = controller.setsVersion
        version = controller.shortcutVersion
    }
}
