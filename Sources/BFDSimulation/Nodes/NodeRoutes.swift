internal import BFDCore
internal import RouteCore

/// The route of a node over all its sessions' peers, kept as the product keeps it.
///
/// State changes become standings, standings a membership, a membership a plan, and the plan is
/// carried out on a kernel that is only remembered here.
struct NodeRoutes {
    private let policy: RoutePolicy
    private let key = RouteKey(prefix: .all(.ipv4), table: 254, metric: 50)
    private var standings: [SessionStanding]
    private var membership: Membership
    private var kernel = RouteState()

    init(count: Int, policy: RoutePolicy) {
        self.policy = policy
        standings = [SessionStanding](repeating: .startingUp, count: count)
        membership = Membership(count: count, policy: policy)
    }

    /// The places whose next hops are in the route as the kernel has it.
    var installed: Set<Int> {
        guard case .group(let id) = kernel.routes[key], let members = kernel.groups[id] else {
            return []
        }
        return Set(members.map { Int($0.id) - 1 })
    }

    /// The places that belong in the route.
    var members: Set<Int> { Set(standings.indices.filter { membership.isMember($0) }) }

    /// The process starts again, and takes over what its predecessor left.
    mutating func restart() -> String? {
        let left = installed
        standings = [SessionStanding](repeating: .startingUp, count: standings.count)
        membership = Membership(count: standings.count, policy: policy)
        for place in left { membership.adopt(place) }
        return reconcile()
    }

    /// The time for which a predecessor's next hops may stay is over.
    mutating func endGrace() -> String? {
        membership.endGrace()
        return reconcile()
    }

    /// A session is made again: it has not failed yet.
    mutating func begin(_ place: Int) -> String? {
        set(.startingUp, place)
    }

    /// A session changed its state (RFC 5882 §3.2, §4.2).
    mutating func follow(_ change: StateChange, _ place: Int) -> String? {
        let previous = standings[place]
        switch change.to {
        case .up: return set(.up, place)
        case .adminDown:
            return set(change.cause == .pathDown ? .failed : .administrativelyDown, place)
        case .initializing: return nil
        case .down: break
        }
        switch change.cause {
        case .peerAdminDown, .administrativelyDisabled: return set(.administrativelyDown, place)
        case .administrativelyEnabled, .handshake: return nil
        default: return previous == .up ? set(.failed, place) : nil
        }
    }

    private mutating func set(_ standing: SessionStanding, _ place: Int) -> String? {
        standings[place] = standing
        membership.apply(standing, to: place)
        return reconcile()
    }

    /// Carries out the plan; what it would break on the way is told.
    private mutating func reconcile() -> String? {
        let wanted = wantedState
        let plan = RoutePlan(from: kernel, to: wanted)
        let isKept = kernel.routes[key] != nil && wanted.routes[key] != nil
        for operation in plan.operations {
            kernel.apply(operation)
            if isKept && kernel.routes[key] == nil { return "the route went on the way" }
            if let hole { return hole }
        }
        return kernel == wanted ? nil : "the plan does not lead to what is wanted"
    }

    /// A route or a group that leads to something that is not there.
    private var hole: String? {
        for target in kernel.routes.values {
            guard case .group(let id) = target else { continue }
            guard let members = kernel.groups[id], !members.isEmpty else {
                return "a route without its group"
            }
            if members.contains(where: { kernel.nextHops[$0.id] == nil }) {
                return "a group without its next hop"
            }
        }
        return nil
    }

    private var wantedState: RouteState {
        var wanted = RouteState()
        switch membership.selection {
        case .withdrawn: break
        case .blackhole: wanted.routes[key] = .blackhole
        case .members(let places), .kept(let places):
            for place in places {
                let id = UInt32(place) + 1
                let gateway = HostAddress(ipv4: 0x0a00_0001 + UInt32(place) << 8)
                wanted.nextHops[id] = .gateway(gateway, interfaceIndex: id)
            }
            wanted.groups[1_000] = NextHopGroup(
                places.map { GroupMember(id: UInt32($0) + 1, weight: 1) })
            wanted.routes[key] = .group(1_000)
        }
        return wanted
    }
}
