internal import LinuxSystem
internal import Netlink
internal import RouteCore

/// What events have told of a route.
struct ReportedRoute: Hashable {
    enum Form { case absent, present, blackhole }

    /// A next hop by what does not change while it is configured.
    struct Member: Hashable {
        let peer: String
        let place: Place
    }

    var form = Form.absent
    var members: Set<Member> = []
    var trouble: Refusals.Trouble?
}

extension NextHopConfiguration {
    fileprivate var member: ReportedRoute.Member { ReportedRoute.Member(peer: peer, place: place) }
}

extension RouteController {
    /// Tells what changed in these sets' routes since it was last told.
    func report(_ changed: [Int], cause: String, since start: Int64?) {
        let nanoseconds = start.map { Clock.monotonicNanoseconds() - $0 }
        for set in changed {
            for key in sets[set].keys {
                let before = reported[key] ?? ReportedRoute()
                let now = installed(key, ofSet: set)
                guard before != now else { continue }
                reported[key] = now
                tell(key, before, now, cause: cause, nanoseconds)
            }
        }
    }

    func emit(
        _ kind: RouteEvent.Kind, _ key: RouteKey?, peer: String? = nil, cause: String,
        _ nanoseconds: Int64? = nil
    ) {
        onEvent(
            RouteEvent(
                kind: kind, key: key, peer: peer, cause: cause, kernelNanoseconds: nanoseconds))
    }

    private func tell(
        _ key: RouteKey, _ before: ReportedRoute, _ now: ReportedRoute, cause: String,
        _ nanoseconds: Int64?
    ) {
        for peer in before.members.subtracting(now.members).map(\.peer).sorted() {
            emit(.nextHopRemoved, key, peer: peer, cause: cause, nanoseconds)
        }
        for peer in now.members.subtracting(before.members).map(\.peer).sorted() {
            emit(.nextHopAdded, key, peer: peer, cause: cause, nanoseconds)
        }
        if before.form != now.form {
            let kind: RouteEvent.Kind =
                switch now.form {
                case .absent: .routeWithdrawn
                case .present: .routeInstalled
                case .blackhole: .routeBlackholed
                }
            emit(kind, key, cause: cause, nanoseconds)
        }
        guard before.trouble != now.trouble, let trouble = now.trouble else { return }
        switch trouble {
        case .conflict(let text): emit(.conflict, key, cause: text)
        case .error(let text): emit(.error, key, cause: text)
        }
    }

    func installed(_ key: RouteKey, ofSet set: Int) -> ReportedRoute {
        var route = ReportedRoute()
        route.trouble = trouble(key, ofSet: set)
        guard let target = found.routes[key] else { return route }
        let present = nextHops(of: target)
        let isBlackhole = target == .blackhole || present.contains(.blackhole(sets[set].family))
        route.form = isBlackhole ? .blackhole : .present
        for nextHop in sets[set].nextHops where isPresent(nextHop, in: present) {
            route.members.insert(nextHop.member)
        }
        return route
    }

    /// Whether a next hop is among those found, even if its link is not known just now.
    private func isPresent(_ configuration: NextHopConfiguration, in present: Set<NextHop>) -> Bool
    {
        present.contains { nextHop in
            guard case .gateway(let address, let index) = nextHop, address == configuration.via
            else { return false }
            guard case .success(let wanted) = resolution(configuration) else { return true }
            return wanted == index
        }
    }

    /// What keeps a route from being as wanted.
    private func trouble(_ key: RouteKey, ofSet set: Int) -> Refusals.Trouble? {
        if let trouble = refusals.routes[key] { return trouble }
        if let id = sets[set].groupID, let error = refusals.groups[id] {
            return .error(error.description)
        }
        if let error = refusals.general { return .error(error.description) }
        for index in sets[set].membership.selection.nextHops {
            if let text = refusal(sets[set].nextHops[index]) { return .error(text) }
        }
        return refusals.nextHops[.blackhole(sets[set].family)].map { .error($0.description) }
    }

    private func refusal(_ configuration: NextHopConfiguration) -> String? {
        switch resolution(configuration) {
        case .failure(let error): error.description
        case .success(let index):
            refusals.nextHops[.gateway(configuration.via, interfaceIndex: index)]?.description
        }
    }

    /// Every route as wanted next to what is installed.
    public func snapshot() -> [RouteSnapshot] {
        sets.indices.flatMap { set in
            sets[set].keys.map { snapshot($0, ofSet: set) }
        }.sorted { $0.key < $1.key }
    }

    private func snapshot(_ key: RouteKey, ofSet set: Int) -> RouteSnapshot {
        let now = installed(key, ofSet: set)
        let selection = sets[set].membership.selection
        let nextHops = sets[set].nextHops.enumerated().map { index, configuration in
            let isWanted = isActive && selection.nextHops.contains(index)
            let isInstalled = now.members.contains(configuration.member)
            return NextHopSnapshot(
                peer: configuration.peer, via: configuration.via,
                interface: configuration.interface, weight: configuration.weight,
                isWanted: isWanted, isInstalled: isInstalled,
                reason: reason(index, ofSet: set, isWanted, isInstalled, now.trouble))
        }
        return RouteSnapshot(
            key: key, state: Self.state(now, nextHops), nextHops: nextHops,
            error: now.trouble?.text)
    }

    private static func state(
        _ route: ReportedRoute, _ nextHops: [NextHopSnapshot]
    ) -> RouteSnapshot.State {
        if case .conflict = route.trouble { return .conflict }
        switch route.form {
        case .blackhole: return .blackhole
        case .present: return nextHops.allSatisfy(\.isInstalled) ? .installed : .partial
        case .absent: return route.trouble == nil ? .withdrawn : .error
        }
    }

    private func reason(
        _ index: Int, ofSet set: Int, _ isWanted: Bool, _ isInstalled: Bool,
        _ trouble: Refusals.Trouble?
    ) -> String? {
        guard isActive else { return "routes follow sessions no longer" }
        let membership = sets[set].membership
        let standing =
            switch membership.standing(of: index) {
            case .up: "session up"
            case .failed: "session failed"
            case .administrativelyDown: "administratively down"
            case .startingUp: "waiting for session"
            }
        if isWanted, !isInstalled {
            return refusal(sets[set].nextHops[index]) ?? trouble?.text ?? "about to be installed"
        }
        guard membership.standing(of: index) != .up else { return nil }
        guard isInstalled else { return standing }
        return membership.isMember(index) ? "\(standing), kept" : "\(standing), kept as the last"
    }
}
