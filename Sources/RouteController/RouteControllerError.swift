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
    /// An IPv6 route cannot have an IPv4 gateway.
    case otherFamily(RouteKey, via: HostAddress)
    /// A link-local or on-link gateway needs an interface.
    case interfaceMissing(RouteKey, via: HostAddress)
    /// A weight is outside 1...256.
    case weightOutOfRange(RouteKey, weight: Int)
    /// More next hops, or sets of them, than there are ids for; the value is the most of each.
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
            "route \(key) cannot go via \(via): IPv6 needs an IPv6 gateway"
        case .interfaceMissing(let key, let via):
            "route \(key) via \(via) needs an interface: the address alone does not say which link"
        case .weightOutOfRange(let key, let weight):
            "route \(key) has a next hop of weight \(weight): the range is 1...256"
        case .tooMany(let limit):
            "there may be at most \(limit) different next hops, and as many different sets of them"
        case .netlink(let error): error.description
        case .system(let error): error.description
        }
    }
}

extension RouteConfiguration {
    /// Finds what the kernel would refuse in any case.
    public static func validate(_ routes: [RouteConfiguration]) throws(RouteControllerError) {
        let limit = 0x7000
        let all = Set(routes.flatMap(\.nextHops).map(\.place))
        let sharings = Set(routes.map(\.sharing))
        guard all.count <= limit, sharings.count <= limit else { throw .tooMany(limit: limit) }
        var keys: Set<RouteKey> = []
        for route in routes {
            let key = route.key
            guard keys.insert(key).inserted else { throw .duplicateRoute(key) }
            guard !route.nextHops.isEmpty else { throw .noNextHops(key) }
            var places: Set<Place> = []
            for nextHop in route.nextHops {
                let via = nextHop.via
                guard via.family == route.prefix.family || via.family == .ipv6 else {
                    throw .otherFamily(key, via: via)
                }
                let isPlaced = !nextHop.isOnLink && (!via.isLinkLocal || via.family == .ipv4)
                guard nextHop.interface != nil || isPlaced else {
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
