// What the kernel does by itself decides the order. Taking away a next hop takes it out of its
// groups; a group that becomes empty goes, and every route that leads to it goes with it. So a plan
// builds from the bottom and takes away from the top:
//
//     create   next hops ──▶ groups ──▶ routes
//     remove   routes    ──▶ groups ──▶ next hops
//
// and everything is created before anything is removed. Between any two steps, a route that is
// found and wanted is there and leads to next hops of its old or its new set.
//
// Many routes that go together with their group go by the one message that takes the group away.

/// The steps from what was found to what is wanted.
public struct RoutePlan: Hashable, Sendable {
    /// The steps, in order; empty when nothing is to do.
    public let operations: [RouteOperation]

    /// Plans the way from `found` to `wanted`.
    ///
    /// `found` holds our own objects only: what is in it and not wanted is removed. Next-hop
    /// objects in `retained` stay although no group needs them now, so that a return is a single
    /// message.
    public init(
        from found: RouteState, to wanted: RouteState, retaining retained: Set<UInt32> = []
    ) {
        var operations: [RouteOperation] = []
        Self.createNextHops(found, wanted, &operations)
        Self.createGroups(found, wanted, &operations)
        Self.createRoutes(found, wanted, &operations)
        // A rule leads to a table that is filled, and is gone before the table is emptied. The rule
        // that spares the gateways lies before it: first in, last out.
        operations += wanted.rules.subtracting(found.rules).sorted().map { .createRule($0) }
        operations += found.rules.subtracting(wanted.rules).sorted().reversed()
            .map { .removeRule($0) }
        Self.removeRoutesAndGroups(found, wanted, &operations)
        operations += found.nextHops.keys
            .filter { wanted.nextHops[$0] == nil && !retained.contains($0) }
            .sorted().map { .removeNextHop(id: $0) }
        self.operations = operations
    }

    /// From how many routes on, their group is taken away under them.
    private static let manyRoutes = 16

    private static func removeRoutesAndGroups(
        _ found: RouteState, _ wanted: RouteState, _ operations: inout [RouteOperation]
    ) {
        let unwanted = found.routes.filter { wanted.routes[$0.key] == nil }
        let groups = found.groups.keys.filter { wanted.groups[$0] == nil }.sorted()
        var counts: [UInt32: Int] = [:]
        for case .group(let id) in unwanted.values { counts[id, default: 0] += 1 }
        let crowded = Set(groups.filter { counts[$0, default: 0] >= manyRoutes })
        for (key, target) in unwanted.sorted(by: { $0.key < $1.key }) {
            if case .group(let id) = target, crowded.contains(id) { continue }
            operations.append(.removeRoute(key))
        }
        operations += groups.map {
            crowded.contains($0) ? .removeGroupAndRoutes(id: $0) : .removeGroup(id: $0)
        }
    }

    private static func createNextHops(
        _ found: RouteState, _ wanted: RouteState, _ operations: inout [RouteOperation]
    ) {
        for (id, nextHop) in wanted.nextHops.sorted(by: { $0.key < $1.key }) {
            guard let present = found.nextHops[id] else {
                operations.append(.createNextHop(id: id, nextHop))
                continue
            }
            if present != nextHop { operations.append(.replaceNextHop(id: id, nextHop)) }
        }
    }

    private static func createGroups(
        _ found: RouteState, _ wanted: RouteState, _ operations: inout [RouteOperation]
    ) {
        for (id, group) in wanted.groups.sorted(by: { $0.key < $1.key }) {
            precondition(!group.isEmpty, "an empty group would take its routes with it")
            guard let present = found.groups[id] else {
                operations.append(.createGroup(id: id, group))
                continue
            }
            precondition(present.canBecome(group.resilience), "a group's kind is for life")
            if present != group { operations.append(.replaceGroup(id: id, group)) }
        }
    }

    private static func createRoutes(
        _ found: RouteState, _ wanted: RouteState, _ operations: inout [RouteOperation]
    ) {
        for (key, target) in wanted.routes.sorted(by: { $0.key < $1.key }) {
            guard let present = found.routes[key] else {
                operations.append(.createRoute(MultipathRoute(key, target)))
                continue
            }
            if present != target {
                operations.append(.replaceRoute(MultipathRoute(key, target)))
            }
        }
    }
}
