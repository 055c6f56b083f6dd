internal import Netlink
internal import RouteCore

extension RouteController {
    /// Reads what the kernel has to say, and looks again at what concerns our routes.
    func readNotifications() {
        guard concernsUs(pendingNotifications()) else { return }
        startAfresh(cause: "restored after a change in the kernel")
    }

    /// Notes whose keys are contested, before a replace; what else was said is looked at soon.
    func noteContestedKeys() {
        if concernsUs(pendingNotifications()) { isStale = true }
    }

    private func pendingNotifications() -> [RouteNotification] {
        do throws(NetlinkError) {
            return try monitor.read()
        } catch {
            refusals.general = error
            return []
        }
    }

    /// Whether a notification is about our objects, or about what keeps them from being made. Our
    /// own writes are known already.
    private func concernsUs(_ notifications: [RouteNotification]) -> Bool {
        let foreign = notifications.filter { $0.port != socket.port }
        guard !foreign.isEmpty else { return false }
        let keys = Set(sets.flatMap(\.keys))
        var links: Set<UInt32> = []
        for case .success(let index) in resolutions.values { links.insert(index) }
        let isWaiting = !refusals.isEmpty || resolutions.values.contains { $0.isFailure }
        let gateways = isWaiting ? Set(resolutions.keys.map(\.via)) : []
        // A route may be the way to a gateway that has none, or that the kernel refused.
        var concerns = false
        for notification in foreign {
            switch notification.change {
            case .link(let index, _, _), .linkRemoved(let index, _), .address(let index):
                concerns = concerns || isWaiting || links.contains(index)
            case .route(let key, let protocolNumber, _):
                let isOurs = protocolNumber == options.protocolNumber
                if keys.contains(key), !isOurs { contestedKeys.insert(key) }
                concerns =
                    concerns || isOurs || keys.contains(key)
                    || gateways.contains(where: key.prefix.contains)
            case .routeRemoved(let key, let protocolNumber):
                let isOurs = protocolNumber == options.protocolNumber
                concerns =
                    concerns || isOurs || keys.contains(key)
                    || gateways.contains(where: key.prefix.contains)
            case .nextHop(let id, _), .nextHopRemoved(let id):
                concerns = concerns || options.allIDs.contains(id)
            case .overflow: concerns = true
            }
        }
        return concerns
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
