internal import Netlink
internal import RouteCore

extension RouteController {
    /// Reads what the kernel has to say, and looks again at what concerns our routes.
    func readNotifications() {
        guard let depth = follow(pendingNotifications()) else { return }
        startAfresh(cause: "restored after a change in the kernel", reading: depth)
    }

    /// Notes whose keys are contested, before a replace; what else was said is looked at soon.
    func noteContestedKeys() {
        if follow(pendingNotifications()) != nil { isStale = true }
    }

    private func pendingNotifications() -> [RouteNotification] {
        do throws(NetlinkError) {
            return try monitor.read()
        } catch {
            refusals.general = error
            return []
        }
    }

    /// What notifications are looked at with.
    private struct Concerns {
        /// Links that our next hops leave by.
        var links: Set<UInt32> = []
        /// Something wanted is missing, so any link may be what it waits for.
        var isWaiting = false
        /// A route may be the way to a gateway that has none, or that the kernel refused.
        var gateways: Set<HostAddress> = []
        /// The deepest reading that is needed; nil while nothing concerns us.
        var depth: ReadingDepth?

        mutating func need(_ other: ReadingDepth) {
            depth = max(depth ?? other, other)
        }
    }

    /// Follows what others did to our objects, or to what keeps them from being made. Our own
    /// writes are known already, and not told. Nil when nothing concerns us; otherwise how much has
    /// to be read.
    private func follow(_ notifications: [RouteNotification]) -> ReadingDepth? {
        guard !notifications.isEmpty else { return nil }
        var concerns = Concerns()
        for case .success(let index) in resolutions.values { concerns.links.insert(index) }
        concerns.isWaiting = !refusals.isEmpty || resolutions.values.contains { $0.isFailure }
        if concerns.isWaiting { concerns.gateways = Set(resolutions.keys.map(\.via)) }
        for notification in notifications { follow(notification.change, &concerns) }
        return concerns.depth
    }

    private func follow(_ change: RouteNotification.Change, _ concerns: inout Concerns) {
        let beneath: ReadingDepth = usesNextHopObjects ? .nextHops : .everything
        switch change {
        case .link(let index, _, _), .linkRemoved(let index, _), .address(let index):
            if concerns.isWaiting || concerns.links.contains(index) { concerns.need(beneath) }
        case .route(let key, let protocolNumber, let target):
            if protocolNumber == options.protocolNumber {
                followOurs(key, target, &concerns)
            } else if homes[key] != nil {
                contestedKeys.insert(key)
                concerns.need(.everything)
            } else if concerns.gateways.contains(where: key.prefix.contains) {
                concerns.need(beneath)
            }
        case .routeRemoved(let key, let protocolNumber):
            if protocolNumber == options.protocolNumber {
                followOurs(key, nil, &concerns)
            } else if homes[key] != nil {
                concerns.need(.everything)
            } else if concerns.gateways.contains(where: key.prefix.contains) {
                concerns.need(beneath)
            }
        case .nextHop(let id, let members):
            let ids = (members ?? []).map(\.id) + [id]
            if ids.contains(where: options.allIDs.contains) { concerns.need(.nextHops) }
        case .nextHopRemoved(let id):
            guard options.allIDs.contains(id) else { return }
            if found.groups[id] != nil { dropRoutes(leadingTo: [id]) }
            concerns.need(.nextHops)
        case .rule(let rule, let protocolNumber):
            let isOurs = protocolNumber == options.protocolNumber
            if isOurs || sets.contains(where: { $0.rules.contains(rule) }) {
                concerns.need(beneath)
            }
        case .overflow: concerns.need(.everything)
        }
    }

    /// A multipath route is told of in parts that are no route of their own.
    private func followOurs(
        _ key: RouteKey, _ target: MultipathRoute.Target?, _ concerns: inout Concerns
    ) {
        guard usesNextHopObjects else { return concerns.need(.everything) }
        found.routes[key] = target
        updateStray(key)
        concerns.need(.nothing)
    }
}

extension Result {
    fileprivate var isFailure: Bool {
        switch self {
        case .success: false
        case .failure: true
        }
    }
}
