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
        if !route.rules.isEmpty { rules = route.rules.map { RuleStatus($0) } }
        resilience = route.resilience.map { ResilienceStatus($0) }
    }
}

extension RuleStatus {
    init(_ rule: RuleSnapshot) {
        self.init(
            priority: rule.rule.priority, table: rule.rule.table,
            suppressedLength: rule.rule.suppressedLength, isInstalled: rule.isInstalled,
            error: rule.error)
    }
}

extension ResilienceStatus {
    init(_ resilience: Resilience) {
        self.init(
            buckets: Int(resilience.buckets),
            idleMilliseconds: Int(resilience.idleCentiseconds) * 10,
            unbalancedMilliseconds: Int(resilience.unbalancedCentiseconds) * 10)
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
