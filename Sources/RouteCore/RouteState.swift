/// One step towards the wanted state; each is one message to the kernel.
public enum RouteOperation: Hashable, Sendable {
    /// Makes a next-hop object.
    case createNextHop(id: UInt32, NextHop)
    /// Changes what a next-hop object says.
    case replaceNextHop(id: UInt32, NextHop)
    /// Makes a group; never empty.
    case createGroup(id: UInt32, NextHopGroup)
    /// Changes a group's members at once; never empty, and never the kind of group.
    case replaceGroup(id: UInt32, NextHopGroup)
    /// Makes a route where none is.
    case createRoute(MultipathRoute)
    /// Changes what one of our routes leads to, at once.
    case replaceRoute(MultipathRoute)
    /// Takes a route away.
    case removeRoute(RouteKey)
    /// Takes a group away that no route uses.
    case removeGroup(id: UInt32)
    /// Takes a group away, and with it all routes that lead to it.
    case removeGroupAndRoutes(id: UInt32)
    /// Takes a next-hop object away that no group uses.
    case removeNextHop(id: UInt32)
    /// Makes a rule that leads to a table.
    case createRule(RoutingRule)
    /// Takes a rule of ours away.
    case removeRule(RoutingRule)
}

/// Routes, groups and next-hop objects, as wanted or as found in the kernel.
public struct RouteState: Hashable, Sendable {
    /// Next-hop objects by id.
    public var nextHops: [UInt32: NextHop] = [:]
    /// Groups by id.
    public var groups: [UInt32: NextHopGroup] = [:]
    /// What each route leads to.
    public var routes: [RouteKey: MultipathRoute.Target] = [:]

    /// Rules of ours.
    public var rules: Set<RoutingRule> = []

    /// Nothing at all.
    public init() {}

    /// What is there once the kernel has done `operation`.
    public mutating func apply(_ operation: RouteOperation) {
        switch operation {
        case .createNextHop(let id, let nextHop), .replaceNextHop(let id, let nextHop):
            nextHops[id] = nextHop
        case .createGroup(let id, let group), .replaceGroup(let id, let group):
            groups[id] = group
        case .createRoute(let route), .replaceRoute(let route):
            routes[route.key] = route.target
        case .removeRoute(let key): routes[key] = nil
        case .removeGroup(let id): groups[id] = nil
        case .removeGroupAndRoutes(let id):
            groups[id] = nil
            routes = routes.filter { $0.value != .group(id) }
        case .removeNextHop(let id): nextHops[id] = nil
        case .createRule(let rule): rules.insert(rule)
        case .removeRule(let rule): rules.remove(rule)
        }
    }
}
