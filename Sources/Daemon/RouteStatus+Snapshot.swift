internal import ControlProtocol
internal import LinuxSystem
internal import RouteController
internal import RouteCore

extension RouteStatus {
    init(_ route: RouteSnapshot) {
        let state: RouteStateName =
            switch route.state {
            case .installed: .installed
            case .partial: .partial
            case .withdrawn: .withdrawn
            case .blackhole: .blackhole
            case .conflict: .conflict
            case .error: .error
            }
        self.init(
            prefix: "\(route.prefix)", table: route.table, metric: route.metric, state: state,
            nextHops: route.nextHops.map { NextHopStatus($0) }, error: route.error)
    }
}

extension NextHopStatus {
    init(_ nextHop: NextHopSnapshot) {
        self.init(
            peer: nextHop.peer, via: "\(nextHop.via)", interface: nextHop.interface,
            weight: nextHop.weight, isWanted: nextHop.isWanted,
            isInstalled: nextHop.isInstalled, reason: nextHop.reason)
        penalty = nextHop.penalty
        guard let hold = nextHop.hold else { return }
        let remaining = hold.until - Clock.monotonicNanoseconds()
        heldUntil = Timestamp(realtimeNanoseconds: Clock.realtimeNanoseconds() + remaining)
        isSuppressed =
            switch hold {
            case .holdUp: false
            case .suppressed: true
            }
    }
}
