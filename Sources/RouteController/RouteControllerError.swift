public import LinuxSystem
public import Netlink
public import RouteCore

/// Why routes cannot be controlled.
public enum RouteControllerError: Error, Sendable, Hashable {
    /// Two routes have the same prefix, table and metric.
    case duplicateRoute(RouteKey)
    /// A route has no next hop.
    case noNextHops(RouteKey)
    /// A route has the same gateway on the same link twice.
    case duplicateNextHop(RouteKey, via: HostAddress)
    /// A gateway is of another address family than its route.
    case otherFamily(RouteKey, via: HostAddress)
    /// A link-local gateway needs an interface.
    case interfaceMissing(RouteKey, via: HostAddress)
    /// A weight is outside 1...256.
    case weightOutOfRange(RouteKey, weight: Int)
    /// More next hops or routes than there are ids for; the value is the most there may be.
    case tooMany(limit: Int)
    /// The kernel refused a socket.
    case netlink(NetlinkError)
    /// The kernel refused a timer.
    case system(SystemError)
}

extension RouteControllerError: CustomStringConvertible {
    /// What is wrong and what would be right.
    public var description: String {
        switch self {
        case .duplicateRoute(let key): "route \(key) is there twice"
        case .noNextHops(let key): "route \(key) has no next hop"
        case .duplicateNextHop(let key, let via): "route \(key) has next hop \(via) twice"
        case .otherFamily(let key, let via):
            "route \(key) cannot go via \(via): both must be IPv4 or both IPv6"
        case .interfaceMissing(let key, let via):
            "route \(key) via \(via) needs an interface: the address is link-local"
        case .weightOutOfRange(let key, let weight):
            "route \(key) has a next hop of weight \(weight): the range is 1...256"
        case .tooMany(let limit):
            "there may be at most \(limit) different next hops, and as many routes"
        case .netlink(let error): error.description
        case .system(let error): error.description
        }
    }
}

extension RouteConfiguration {
    /// Finds what the kernel would refuse in any case.
    static func validate(_ routes: [RouteConfiguration]) throws(RouteControllerError) {
        let limit = 0x7000
        let all = Set(routes.flatMap(\.nextHops).map(\.place))
        guard all.count <= limit, routes.count <= limit else { throw .tooMany(limit: limit) }
        var keys: Set<RouteKey> = []
        for route in routes {
            let key = route.key
            guard keys.insert(key).inserted else { throw .duplicateRoute(key) }
            guard !route.nextHops.isEmpty else { throw .noNextHops(key) }
            var places: Set<Place> = []
            for nextHop in route.nextHops {
                let via = nextHop.via
                guard via.family == route.prefix.family else {
                    throw .otherFamily(key, via: via)
                }
                guard nextHop.interface != nil || !via.isLinkLocal || via.family == .ipv4 else {
                    throw .interfaceMissing(key, via: via)
                }
                guard (1...256).contains(nextHop.weight) else {
                    throw .weightOutOfRange(key, weight: nextHop.weight)
                }
                guard places.insert(nextHop.place).inserted else {
                    throw .duplicateNextHop(key, via: via)
                }
            }
        }
    }
}
