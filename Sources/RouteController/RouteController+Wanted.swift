internal import Netlink
internal import RouteCore

extension RouteController {
    /// What should be in the kernel of these sets now, as far as it does not refuse it.
    func wanted(of chosen: some Sequence<Int>) -> RouteState {
        var wanted = RouteState()
        for set in chosen {
            let nextHops = installable(set)
            guard !nextHops.isEmpty else { continue }
            if usesNextHopObjects {
                want(nextHops, ofSet: set, in: &wanted)
            } else {
                let target = Self.target(nextHops)
                for key in sets[set].keys { wanted.routes[key] = target }
            }
        }
        for key in refusals.routes.keys where wanted.routes[key] != nil {
            keepAsFound(key, in: &wanted)
        }
        return wanted
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
        return .gateway(configuration.via, interfaceIndex: index)
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

    /// The members of a set's group, in ascending order of id.
    func members(_ nextHops: [WeightedNextHop]) -> [GroupMember] {
        nextHops.map { GroupMember(id: nextHopID($0.nextHop), weight: $0.weight) }
            .sorted { $0.id < $1.id }
    }

    private func want(
        _ nextHops: [WeightedNextHop], ofSet set: Int, in wanted: inout RouteState
    ) {
        let id = groupID(ofSet: set)
        if refusals.groups[id] == nil {
            for nextHop in nextHops {
                wanted.nextHops[nextHopID(nextHop.nextHop)] = nextHop.nextHop
            }
            wanted.groups[id] = members(nextHops)
        } else {
            keepGroupAsFound(id, in: &wanted)
        }
        guard wanted.groups[id] != nil else { return }
        for key in sets[set].keys { wanted.routes[key] = .group(id) }
    }

    private func keepAsFound(_ key: RouteKey, in wanted: inout RouteState) {
        wanted.routes[key] = found.routes[key]
        if case .group(let id) = found.routes[key], wanted.groups[id] == nil {
            keepGroupAsFound(id, in: &wanted)
        }
    }

    private func keepGroupAsFound(_ id: UInt32, in wanted: inout RouteState) {
        guard let members = found.groups[id] else { return }
        wanted.groups[id] = members
        for member in members where wanted.nextHops[member.id] == nil {
            wanted.nextHops[member.id] = found.nextHops[member.id]
        }
    }

    /// Next hops written into a route: the kernel keeps no weight of a single one.
    static func target(_ nextHops: [WeightedNextHop]) -> MultipathRoute.Target {
        var entries: [(HostAddress, WeightedNextHop)] = []
        for nextHop in nextHops {
            switch nextHop.nextHop {
            case .blackhole: return .blackhole
            case .gateway(let address, _): entries.append((address, nextHop))
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
        return id
    }
}
