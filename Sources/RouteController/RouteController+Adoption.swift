internal import LinuxSystem
internal import Netlink
internal import RouteCore

extension RouteController {
    /// Takes over what a previous run left: its groups by id, its next hops as members whose
    /// sessions have yet to come up. Whether there was any.
    private func adopt() -> Bool {
        var adoptedAny = false
        for set in sets.indices {
            var adopted: [RouteKey] = []
            var seen: Set<MultipathRoute.Target> = []
            for key in sets[set].keys {
                guard let target = found.routes[key] else { continue }
                adopted.append(key)
                contestedKeys.insert(key)
                guard seen.insert(target).inserted else { continue }
                claimGroup(target, forSet: set)
                let present = nextHops(of: target)
                for (index, configuration) in sets[set].nextHops.enumerated() {
                    guard let nextHop = nextHop(configuration), present.contains(nextHop) else {
                        continue
                    }
                    sets[set].membership.adopt(index)
                    adoptedAny = adoptedAny || sets[set].membership.isMember(index)
                }
            }
            if !adopted.isEmpty { noteAdopted(adopted, ofSet: set) }
        }
        updateAllStrays()
        return adoptedAny
    }

    /// Adopts, once the kernel could be read for the first time.
    func adoptIfDue() {
        guard isAdoptionDue else { return }
        isAdoptionDue = false
        if adopt(), options.adoptionGraceNanoseconds > 0 {
            graceTimer.arm(at: Clock.monotonicNanoseconds() + options.adoptionGraceNanoseconds)
        } else {
            isGraceOver = true
            for set in sets.indices { sets[set].membership.endGrace() }
        }
    }

    /// The time for adopted next hops' sessions to come up is over.
    func endGrace() {
        graceTimer.acknowledge()
        isGraceOver = true
        for set in sets.indices { sets[set].membership.endGrace() }
        reconcile(cause: "session did not come up after the start")
    }

    /// The next hops behind what a route leads to.
    func nextHops(of target: MultipathRoute.Target) -> Set<NextHop> {
        switch target {
        case .group(let id):
            Set((found.groups[id] ?? []).compactMap { found.nextHops[$0.id] })
        case .nextHops(let nextHops): Set(nextHops.map(\.nextHop))
        case .blackhole: []
        }
    }

    private func claimGroup(_ target: MultipathRoute.Target, forSet set: Int) {
        guard case .group(let id) = target, sets[set].groupID == nil,
            options.groupIDs.contains(id), let group = found.groups[id],
            group.canBecome(sets[set].effectiveResilience),
            !sets.contains(where: { $0.groupID == id })
        else { return }
        sets[set].groupID = id
    }

    /// Follows a new configuration: routes that stay are changed without a gap, others come or go.
    public func setRoutes(_ routes: [RouteConfiguration]) throws(RouteControllerError) {
        try RouteConfiguration.validate(routes)
        let old = sets
        let targets = Set(old.flatMap(\.keys).compactMap { found.routes[$0] })
        let installed = Set(targets.flatMap { nextHops(of: $0) })
        sets = RouteSet.sets(of: routes)
        seats = RouteSet.seats(in: sets)
        setsVersion += 1
        shape += 1
        for set in sets.indices {
            let same = old.first { $0.sharing == sets[set].sharing }
            let ancestor = same ?? old.first { !Set($0.keys).isDisjoint(with: sets[set].keys) }
            if let same {
                sets[set].membership = same.membership
            } else {
                inheritMembership(set, installed: installed, from: ancestor)
            }
            if sets[set].resilience != nil {
                sets[set].resilienceRefusal = ancestor?.resilienceRefusal
            }
            if let id = ancestor?.groupID, !sets.contains(where: { $0.groupID == id }) {
                sets[set].groupID = id
            }
            leaveUnfitGroup(set)
        }
        hasHysteresis = sets.contains { $0.policy.delaysReturns }
        noteMissingResilience()
        if isActive { setUpCompatibility() }
        updateAllStrays()
        inheritReports(of: old)
        resolutions = [:]
        refusals = Refusals()
        reconcile(cause: "configuration changed")
        armHoldTimer()
    }

    /// A new configuration lifts no suppression of a next hop that stays.
    private func inheritHysteresis(_ set: Int, from ancestor: RouteSet) {
        guard sets[set].policy.delaysReturns, ancestor.policy == sets[set].policy else { return }
        for (index, nextHop) in sets[set].nextHops.enumerated() {
            let before = ancestor.nextHops.firstIndex {
                $0.peer == nextHop.peer && $0.place == nextHop.place
            }
            guard let before else { continue }
            sets[set].membership.takeOver(index, from: ancestor.membership, before)
        }
    }

    /// A changed set begins with what is installed of it, then follows what is known of sessions.
    private func inheritMembership(
        _ set: Int, installed: Set<NextHop>, from ancestor: RouteSet?
    ) {
        var known: [Int: SessionStanding] = [:]
        let now = Clock.monotonicNanoseconds()
        for (index, configuration) in sets[set].nextHops.enumerated() {
            let standing = standings[configuration.peer] ?? .startingUp
            known[index] = standing
            guard let nextHop = nextHop(configuration), installed.contains(nextHop) else {
                continue
            }
            if standing == .startingUp {
                if !isGraceOver { sets[set].membership.adopt(index) }
            } else {
                sets[set].membership.apply(.up, to: index, at: now)
            }
        }
        sets[set].membership.forgetFailures()
        if let ancestor { inheritHysteresis(set, from: ancestor) }
        sets[set].membership.apply(known, at: now)
    }
}
