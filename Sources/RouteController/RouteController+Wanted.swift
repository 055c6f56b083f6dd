internal import Netlink
internal import RouteCore

extension RouteController {
    /// What is there and what should be, without what is known to be right.
    struct Comparison {
        var found = RouteState()
        var wanted = RouteState()
    }

    /// From everything that was found to everything that is wanted.
    func wholePlan() -> RoutePlan {
        var comparison = comparison(of: sets.indices)
        comparison.found.nextHops = found.nextHops
        comparison.found.groups = found.groups
        comparison.found.rules = found.rules
        comparison.wanted.rules = Set(sets.flatMap(\.rules))
            .filter { refusals.rules[$0] == nil || found.rules.contains($0) }
        for key in orphans { comparison.found.routes[key] = found.routes[key] }
        return RoutePlan(from: comparison.found, to: comparison.wanted, retaining: retained())
    }

    /// These sets' routes as found; and what should be in the kernel of them now, as far as it does
    /// not refuse it. Routes that lead to their set's group, and should, are in neither.
    func comparison(of chosen: some Sequence<Int>) -> Comparison {
        var comparison = Comparison()
        for set in chosen {
            let nextHops = installable(set)
            if nextHops.isEmpty {
                compareAll(sets[set].keys, with: nil, &comparison)
            } else if usesNextHopObjects {
                compare(nextHops, ofSet: set, &comparison)
            } else {
                compareAll(sets[set].keys, with: Self.target(nextHops), &comparison)
            }
        }
        for key in refusals.routes.keys where comparison.wanted.routes[key] != nil {
            keepAsFound(key, in: &comparison.wanted)
        }
        return comparison
    }

    private func compareAll(
        _ keys: some Sequence<RouteKey>, with target: MultipathRoute.Target?,
        _ comparison: inout Comparison
    ) {
        for key in keys {
            if let present = found.routes[key] { comparison.found.routes[key] = present }
            if let target { comparison.wanted.routes[key] = target }
        }
    }

    /// Next-hop objects that stay while no group needs them, so that a return is one message.
    func retained() -> Set<UInt32> {
        guard usesNextHopObjects else { return [] }
        let configured = Set(sets.flatMap(\.nextHops).compactMap { nextHop($0) })
        return Set(found.nextHops.filter { configured.contains($0.value) }.keys)
    }

    /// The next hops a set's routes should lead to, without those that cannot be installed.
    func installable(_ set: Int) -> [WeightedNextHop] {
        let selection = sets[set].membership.selection
        if selection == .blackhole {
            return [WeightedNextHop(.blackhole(sets[set].family), weight: 1)]
        }
        var seen: Set<NextHop> = []
        return selection.nextHops.compactMap { index in
            let configuration = sets[set].nextHops[index]
            guard let nextHop = nextHop(configuration), refusals.nextHops[nextHop] == nil,
                seen.insert(nextHop).inserted
            else { return nil }
            return WeightedNextHop(nextHop, weight: configuration.weight)
        }
    }

    /// The next hop with its link; nil when the link is not known.
    func nextHop(_ configuration: NextHopConfiguration) -> NextHop? {
        guard case .success(let index) = resolution(configuration) else { return nil }
        return .gateway(
            configuration.via, interfaceIndex: index, isOnLink: configuration.isOnLink)
    }

    /// The link of a next hop, asked of the kernel once.
    func resolution(_ configuration: NextHopConfiguration) -> Result<UInt32, NetlinkError> {
        let place = configuration.place
        if let known = resolutions[place] { return known }
        let result: Result<UInt32, NetlinkError>
        do throws(NetlinkError) {
            let index =
                if let name = place.interface {
                    try LinkReader.interfaceIndex(named: name, through: socket)
                } else {
                    try LinkReader.interfaceIndex(towards: place.via, through: socket)
                }
            result = .success(index)
        } catch { result = .failure(error) }
        resolutions[place] = result
        return result
    }

    /// A set's group, of the kind the kernel has.
    func group(_ nextHops: [WeightedNextHop], ofSet set: Int) -> NextHopGroup {
        group(nextHops, kind: sets[set].effectiveResilience)
    }

    func group(_ nextHops: [WeightedNextHop], kind resilience: Resilience?) -> NextHopGroup {
        let members = nextHops.map {
            GroupMember(id: nextHopID($0.nextHop), weight: $0.weight)
        }
        return NextHopGroup(members.sorted { $0.id < $1.id }, resilience: resilience)
    }

    private func compare(
        _ nextHops: [WeightedNextHop], ofSet set: Int, _ comparison: inout Comparison
    ) {
        let id = groupID(ofSet: set)
        if refusals.groups[id] == nil {
            for nextHop in nextHops {
                comparison.wanted.nextHops[nextHopID(nextHop.nextHop)] = nextHop.nextHop
            }
            comparison.wanted.groups[id] = group(nextHops, ofSet: set)
        } else {
            keepGroupAsFound(id, in: &comparison.wanted)
        }
        if comparison.wanted.groups[id] == nil {
            compareAll(sets[set].keys, with: nil, &comparison)
        } else {
            compareAll(sets[set].strays, with: .group(id), &comparison)
        }
    }

    private func keepAsFound(_ key: RouteKey, in wanted: inout RouteState) {
        wanted.routes[key] = found.routes[key]
        if case .group(let id) = found.routes[key], wanted.groups[id] == nil {
            keepGroupAsFound(id, in: &wanted)
        }
    }

    private func keepGroupAsFound(_ id: UInt32, in wanted: inout RouteState) {
        guard let group = found.groups[id] else { return }
        wanted.groups[id] = group
        for member in group where wanted.nextHops[member.id] == nil {
            wanted.nextHops[member.id] = found.nextHops[member.id]
        }
    }

    /// Next hops written into a route: the kernel keeps no weight of a single one.
    static func target(_ nextHops: [WeightedNextHop]) -> MultipathRoute.Target {
        var entries: [(HostAddress, WeightedNextHop)] = []
        for nextHop in nextHops {
            switch nextHop.nextHop {
            case .blackhole: return .blackhole
            case .gateway(let address, _, _): entries.append((address, nextHop))
            }
        }
        guard entries.count > 1 else {
            return .nextHops(entries.map { WeightedNextHop($0.1.nextHop, weight: 1) })
        }
        return .nextHops(entries.sorted { $0.0 < $1.0 }.map(\.1))
    }

    private func nextHopID(_ nextHop: NextHop) -> UInt32 {
        if let id = nextHopIDs[nextHop] { return id }
        let id = freeNextHopIDs.next { id in
            found.nextHops[id] == nil && !foreignIDs.contains(id) && !nextHopIDs.contains(id)
        }
        nextHopIDs.record(id, for: nextHop)
        return id
    }

    private func groupID(ofSet set: Int) -> UInt32 {
        if let id = sets[set].groupID { return id }
        let id = freeGroupIDs.next { id in
            found.groups[id] == nil && !foreignIDs.contains(id)
                && !sets.contains { $0.groupID == id }
        }
        sets[set].groupID = id
        shape += 1
        strayAll(set)
        return id
    }
}
