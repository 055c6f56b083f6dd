internal import BFDCore
internal import RouteCore

/// What each peer's client, and with it its routes, have been told of the session.
struct ClientTracker {
    private var views: [String: ClientView] = [:]

    /// Takes a change of state; what to tell the client, if anything.
    mutating func apply(
        _ change: StateChange, to peer: PeerConfiguration, at now: Instant
    ) -> ClientEvent? {
        var view = views[peer.name] ?? ClientView(peer.policy)
        let event = view.apply(change, at: now)
        views[peer.name] = view
        return event
    }

    /// Sets a standing that no change of state told of.
    mutating func set(_ standing: ClientView.Standing, for peer: PeerConfiguration) {
        var view = views[peer.name] ?? ClientView(peer.policy)
        view.set(standing)
        views[peer.name] = view
    }

    /// Goes on with another policy.
    mutating func setPolicy(_ policy: ClientPolicy, of name: String) {
        views[name]?.setPolicy(policy)
    }

    mutating func forget(_ name: String) {
        views[name] = nil
    }

    /// When a failure that is held back is to be told.
    var nextDeadline: Instant? { views.values.compactMap(\.nextDeadline).min() }

    /// The failures that have lasted for their hold time.
    mutating func takeDue(at now: Instant) -> [(name: String, event: ClientEvent)] {
        var due: [(name: String, event: ClientEvent)] = []
        for name in views.keys {
            if let event = views[name]?.handleTimeout(at: now) { due.append((name, event)) }
        }
        return due
    }
}

extension SessionStanding {
    init(_ event: ClientEvent) {
        switch event {
        case .up: self = .up
        case .down: self = .failed
        case .adminDown: self = .administrativelyDown
        }
    }

    init(_ standing: ClientView.Standing) {
        switch standing {
        case .startingUp: self = .startingUp
        case .up: self = .up
        case .down: self = .failed
        case .adminDown: self = .administrativelyDown
        }
    }
}

extension ClientView.Standing {
    /// What a client would have been told of a session by now.
    init(_ session: Session) {
        switch session.state {
        case .up: self = .up
        case .adminDown: self = session.isPathDown ? .down : .adminDown
        case .down, .initializing: self = session.counters.lastUp == nil ? .startingUp : .down
        }
    }
}
