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
            for (transition, keys) in news(ofSet: set) {
                // Many routes with one piece of news are told of at once.
                let isMany = keys.count > Self.manyRoutes
                for key in isMany ? Array(keys.prefix(1)) : keys.sorted() {
                    let subject = Subject(
                        key: key, count: isMany ? keys.count : 1, cause: cause,
                        nanoseconds: nanoseconds)
                    tell(subject, transition.before, transition.now)
                }
            }
        }
    }

    private static var manyRoutes: Int { 16 }

    /// What a route was said to be, and what it is.
    private struct Transition: Hashable {
        let before: ReportedRoute
        let now: ReportedRoute
    }

    /// What an event is about.
    private struct Subject {
        let key: RouteKey
        let count: Int
        let cause: String
        let nanoseconds: Int64?
    }

    /// Routes that are not what they were last said to be; from now on they count as told.
    private func news(ofSet set: Int) -> [Transition: [RouteKey]] {
        let usual = installed(sets[set].groupID.map { .group($0) }, ofSet: set)
        let before = sets[set].reported
        let exceptions = sets[set].exceptions
        if isSettled(set), refusals.routes.isEmpty {
            var news: [Transition: [RouteKey]] = [:]
            if before != usual {
                let keys = sets[set].keys
                news[Transition(before: before, now: usual)] =
                    exceptions.isEmpty ? keys : keys.filter { exceptions[$0] == nil }
            }
            for (key, told) in exceptions where told != usual {
                news[Transition(before: told, now: usual), default: []].append(key)
            }
            sets[set].reported = usual
            sets[set].exceptions = [:]
            return news.filter { !$0.value.isEmpty }
        }
        // While the group is as it was told, only routes that do not lead to it can be news.
        let isGroupOld = usesNextHopObjects && before == usual && refusals.routes.isEmpty
        let keys =
            isGroupOld
            ? Array(sets[set].strays.union(exceptions.keys)) : sets[set].keys
        return news(of: keys, inSet: set)
    }

    private func news(of keys: [RouteKey], inSet set: Int) -> [Transition: [RouteKey]] {
        var news: [Transition: [RouteKey]] = [:]
        var known: [MultipathRoute.Target?: ReportedRoute] = [:]
        for key in keys {
            let target = found.routes[key]
            var now = known[target] ?? installed(target, ofSet: set)
            known[target] = now
            if let trouble = refusals.routes[key] { now.trouble = trouble }
            let before = sets[set].exceptions[key] ?? sets[set].reported
            guard before != now else { continue }
            sets[set].exceptions[key] = now == sets[set].reported ? nil : now
            news[Transition(before: before, now: now), default: []].append(key)
        }
        return news
    }

    /// Routes of a previous run are told of as adopted, and as what they are.
    func noteAdopted(_ keys: [RouteKey], ofSet set: Int) {
        for key in keys { sets[set].exceptions[key] = installed(key, ofSet: set) }
        guard keys.count > Self.manyRoutes else {
            for key in keys { emit(.routeAdopted, key, cause: "left by a previous run") }
            return
        }
        emit(.routeAdopted, keys[0], routeCount: keys.count, cause: "left by a previous run")
    }

    /// A new configuration: what was told of routes that stay still holds.
    func inheritReports(of old: [RouteSet]) {
        var told: [RouteKey: ReportedRoute] = [:]
        for set in old {
            for key in set.keys { told[key] = set.exceptions[key] ?? set.reported }
        }
        for set in sets.indices {
            sets[set].reported = told[sets[set].keys[0]] ?? ReportedRoute()
            for key in sets[set].keys {
                let before = told[key] ?? ReportedRoute()
                if before != sets[set].reported { sets[set].exceptions[key] = before }
            }
        }
    }

    func emit(
        _ kind: RouteEvent.Kind, _ key: RouteKey?, routeCount: Int = 1, peer: String? = nil,
        cause: String, _ nanoseconds: Int64? = nil
    ) {
        onEvent(
            RouteEvent(
                kind: kind, key: key, routeCount: routeCount, peer: peer, cause: cause,
                kernelNanoseconds: nanoseconds))
    }

    private func tell(_ subject: Subject, _ before: ReportedRoute, _ now: ReportedRoute) {
        func emit(_ kind: RouteEvent.Kind, peer: String? = nil) {
            self.emit(
                kind, subject.key, routeCount: subject.count, peer: peer, cause: subject.cause,
                subject.nanoseconds)
        }
        for peer in before.members.subtracting(now.members).map(\.peer).sorted() {
            emit(.nextHopRemoved, peer: peer)
        }
        for peer in now.members.subtracting(before.members).map(\.peer).sorted() {
            emit(.nextHopAdded, peer: peer)
        }
        if before.form != now.form {
            let kind: RouteEvent.Kind =
                switch now.form {
                case .absent: .routeWithdrawn
                case .present: .routeInstalled
                case .blackhole: .routeBlackholed
                }
            emit(kind)
        }
        guard before.trouble != now.trouble, let trouble = now.trouble else { return }
        switch trouble {
        case .conflict(let text):
            self.emit(.conflict, subject.key, routeCount: subject.count, cause: text)
        case .error(let text):
            self.emit(.error, subject.key, routeCount: subject.count, cause: text)
        }
    }

    func installed(_ key: RouteKey, ofSet set: Int) -> ReportedRoute {
        var route = installed(found.routes[key], ofSet: set)
        if let trouble = refusals.routes[key] { route.trouble = trouble }
        return route
    }

    private func installed(_ target: MultipathRoute.Target?, ofSet set: Int) -> ReportedRoute {
        var route = ReportedRoute()
        route.trouble = trouble(ofSet: set)
        guard let target else { return route }
        let present = nextHops(of: target)
        let isBlackhole = target == .blackhole || present.contains(.blackhole(sets[set].family))
        route.form = isBlackhole ? .blackhole : .present
        for nextHop in sets[set].nextHops where isPresent(nextHop, in: present, ofSet: set) {
            route.members.insert(nextHop.member)
        }
        return route
    }

    /// Whether a next hop is among those found, even if its link is not known just now.
    private func isPresent(
        _ configuration: NextHopConfiguration, in present: Set<NextHop>, ofSet set: Int
    ) -> Bool {
        present.contains { nextHop in
            guard case .gateway(let address, let index, _) = nextHop, address == configuration.via
            else { return false }
            guard case .success(let wanted) = resolution(configuration) else {
                return !isOfAnother(index, than: configuration, inSet: set)
            }
            return wanted == index
        }
    }

    /// Whether a link is that of another next hop with the same address, as link-local ones have.
    private func isOfAnother(
        _ interfaceIndex: UInt32, than configuration: NextHopConfiguration, inSet set: Int
    ) -> Bool {
        sets[set].nextHops.contains { other in
            guard other.via == configuration.via, other.member != configuration.member,
                case .success(let index) = resolution(other)
            else { return false }
            return index == interfaceIndex
        }
    }

    /// What keeps all routes of a set from being as wanted.
    private func trouble(ofSet set: Int) -> Refusals.Trouble? {
        if let id = sets[set].groupID, let error = refusals.groups[id] {
            return .error(error.description)
        }
        if let error = refusals.general { return .error(error.description) }
        for index in sets[set].membership.selection.nextHops {
            if let text = refusal(sets[set].nextHops[index]) { return .error(text) }
        }
        for rule in sets[set].rules.sorted() {
            if let error = refusals.rules[rule] { return .error(error.description) }
        }
        if let error = refusals.nextHops[.blackhole(sets[set].family)] {
            return .error(error.description)
        }
        return sets[set].resilienceRefusal.map { .error($0) }
    }

    private func refusal(_ configuration: NextHopConfiguration) -> String? {
        switch resolution(configuration) {
        case .failure(let error): error.description
        case .success(let index):
            refusals.nextHops[
                .gateway(
                    configuration.via, interfaceIndex: index, isOnLink: configuration.isOnLink)
            ]?.description
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
        let membership = sets[set].membership
        let selection = membership.selection
        let moment = Clock.monotonicNanoseconds()
        let nextHops = sets[set].nextHops.enumerated().map { index, configuration in
            let isWanted = isActive && selection.nextHops.contains(index)
            let isInstalled = now.members.contains(configuration.member)
            return NextHopSnapshot(
                peer: configuration.peer, via: configuration.via,
                interface: configuration.interface, weight: configuration.weight,
                isWanted: isWanted, isInstalled: isInstalled,
                reason: reason(index, ofSet: set, isWanted, isInstalled, now.trouble),
                hold: membership.hold(of: index),
                penalty: membership.penalty(of: index, at: moment))
        }
        return RouteSnapshot(
            key: key, state: Self.state(now, nextHops), nextHops: nextHops,
            rules: rules(of: key, inSet: set), resilience: sets[set].effectiveResilience,
            error: now.trouble?.text)
    }

    private func rules(of key: RouteKey, inSet set: Int) -> [RuleSnapshot] {
        let leading = sets[set].rules.filter {
            $0.suppressedLength == nil && $0.table == key.table && $0.family == key.prefix.family
        }
        let sparing = sets[set].rules.filter { rule in
            rule.suppressedLength != nil && rule.family == key.prefix.family
                && leading.contains { $0.priority == rule.priority + 1 }
        }
        return (sparing.sorted() + leading.sorted()).map { rule in
            RuleSnapshot(
                rule: rule, isInstalled: found.rules.contains(rule),
                error: refusals.rules[rule]?.description)
        }
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
            // What was forgotten has not failed: its peer is no more, or begins anew.
            case .failed:
                standings[sets[set].nextHops[index].peer] == nil
                    ? "session ended" : "session failed"
            case .administrativelyDown: "administratively down"
            case .startingUp: "waiting for session"
            }
        if isWanted, !isInstalled {
            return refusal(sets[set].nextHops[index]) ?? trouble?.text ?? "about to be installed"
        }
        if !isWanted, let hold = membership.hold(of: index) {
            return switch hold {
            case .holdUp: "\(standing), hold-up"
            case .suppressed: "\(standing), suppressed"
            }
        }
        guard membership.standing(of: index) != .up else { return nil }
        guard isInstalled else { return standing }
        return membership.isMember(index) ? "\(standing), kept" : "\(standing), kept as the last"
    }
}
