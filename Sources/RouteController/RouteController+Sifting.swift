internal import LinuxSystem
internal import Netlink
internal import RouteCore

// A multipath route is refused whole for one bad next hop, without saying which. Left at that, a
// link that is down would keep a failed next hop of another link in the route.

extension RouteController {
    /// Finds the next hops the kernel refuses, and installs the others.
    ///
    /// What is in the route already comes first, then one more at a time: the route never has fewer
    /// next hops than it must, and is never absent while the kernel accepts one.
    func sift(_ wanted: [WeightedNextHop], of key: RouteKey) {
        var accepted: [WeightedNextHop] = []
        if let target = found.routes[key] {
            let present = nextHops(of: target)
            accepted = wanted.filter { present.contains($0.nextHop) }
        }
        if !accepted.isEmpty, put(accepted, key) != nil { accepted = [] }
        for candidate in wanted where !accepted.contains(candidate) {
            guard let error = put(accepted + [candidate], key) else {
                accepted.append(candidate)
                continue
            }
            guard error.isOfNextHop else { return refuse(key, error) }
            refusals.nextHops[candidate.nextHop] = error
        }
    }

    private func put(_ nextHops: [WeightedNextHop], _ key: RouteKey) -> NetlinkError? {
        let target = Self.target(nextHops)
        guard found.routes[key] != target else { return nil }
        let route = MultipathRoute(key, target)
        let operation: RouteOperation =
            found.routes[key] == nil ? .createRoute(route) : .replaceRoute(route)
        return run([operation])?.error
    }
}

extension NetlinkError {
    /// Whether the kernel refused for what a next hop is, not for who asks or how much there is.
    var isOfNextHop: Bool {
        let numbers: [Errno] = [
            .invalidArgument, .noSuchDevice, .networkDown, .networkUnreachable, .hostUnreachable,
        ]
        return errno.map(numbers.contains) ?? false
    }
}
