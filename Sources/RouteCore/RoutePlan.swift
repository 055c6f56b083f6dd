// What the kernel does by itself decides the order. Taking away a next hop takes it out of its
// groups; a group that becomes empty goes, and every route that leads to it goes with it. So a plan
// builds from the bottom and takes away from the top:
//
//     create   next hops ──▶ groups ──▶ routes
//     remove   routes    ──▶ groups ──▶ next hops
//
// and everything is created before anything is removed. Between any two steps, a route that is
// found and wanted is there and leads to next hops of its old or its new set.

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
        operations += found.routes.keys.filter { wanted.routes[$0] == nil }
            .sorted().map { .removeRoute($0) }
        operations += found.groups.keys.filter { wanted.groups[$0] == nil }
            .sorted().map { .removeGroup(id: $0) }
        operations += found.nextHops.keys
            .filter { wanted.nextHops[$0] == nil && !retained.contains($0) }
            .sorted().map { .removeNextHop(id: $0) }
        self.operations = operations
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
        for (id, members) in wanted.groups.sorted(by: { $0.key < $1.key }) {
            precondition(!members.isEmpty, "an empty group would take its routes with it")
            guard let present = found.groups[id] else {
                operations.append(.createGroup(id: id, members))
                continue
            }
            if present != members { operations.append(.replaceGroup(id: id, members)) }
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
