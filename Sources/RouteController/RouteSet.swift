internal import Netlink
internal import RouteCore

/// A gateway and the link it was asked for on; what one next-hop object stands for.
struct Place: Hashable {
    let via: HostAddress
    let interface: String?
    let isOnLink: Bool
}

extension NextHopConfiguration {
    var place: Place { Place(via: via, interface: interface, isOnLink: isOnLink) }
}

/// Routes with the same next hops, policy and kind of group: they share one next-hop group, so that
/// a session's change is one message however many they are.
struct RouteSet {
    let nextHops: [NextHopConfiguration]
    let policy: RoutePolicy
    /// How the group is to hold on to flows.
    let resilience: Resilience?
    /// Why the kernel got an ordinary group all the same; nil when it did not.
    var resilienceRefusal: String?
    var keys: [RouteKey]
    /// Rules that lead to these routes.
    var rules: Set<RoutingRule> = []
    var membership: Membership
    /// The group in the kernel, or the one to make.
    var groupID: UInt32?
    /// The keys whose routes do not lead to the group.
    var strays: Set<RouteKey>
    /// What events have told of the routes that are not among the exceptions.
    var reported = ReportedRoute()
    /// What they have told of routes that are unlike the others.
    var exceptions: [RouteKey: ReportedRoute] = [:]

    var family: HostAddress.Family { keys[0].prefix.family }

    /// How the group holds on to flows in this kernel.
    var effectiveResilience: Resilience? { resilienceRefusal == nil ? resilience : nil }

    var sharing: Sharing { Sharing(nextHops: nextHops, policy: policy, resilience: resilience) }

    /// What routes have in common that are one set.
    struct Sharing: Hashable {
        let nextHops: [NextHopConfiguration]
        let policy: RoutePolicy
        let resilience: Resilience?
    }

    /// A next hop's place among the sets.
    struct Seat: Hashable {
        let set: Int
        let index: Int
    }

    /// Where each session's next hops are.
    static func seats(in sets: [RouteSet]) -> [String: [Seat]] {
        var seats: [String: [Seat]] = [:]
        for (set, content) in sets.enumerated() {
            for (index, nextHop) in content.nextHops.enumerated() {
                seats[nextHop.peer, default: []].append(Seat(set: set, index: index))
            }
        }
        return seats
    }

    /// The sets of a configuration; nothing is known of the sessions yet.
    static func sets(of routes: [RouteConfiguration]) -> [RouteSet] {
        var sets: [RouteSet] = []
        var places: [Sharing: Int] = [:]
        for route in routes {
            let sharing = route.sharing
            if let place = places[sharing] {
                sets[place].keys.append(route.key)
                sets[place].rules.formUnion(route.routingRules)
            } else {
                places[sharing] = sets.count
                sets.append(
                    RouteSet(
                        nextHops: route.nextHops, policy: route.policy,
                        resilience: route.resilience, keys: [route.key],
                        rules: Set(route.routingRules),
                        membership: Membership(
                            count: route.nextHops.count, policy: route.policy), strays: []))
            }
        }
        let rules = RoutingRule.merged(sets.flatMap(\.rules))
        for set in sets.indices {
            sets[set].rules = Set(
                sets[set].rules.compactMap { rule in rules.first { $0.serves(rule) } })
        }
        return sets
    }
}

extension RouteConfiguration {
    /// What it has in common with the routes of its set.
    var sharing: RouteSet.Sharing {
        RouteSet.Sharing(nextHops: nextHops, policy: policy, resilience: resilience)
    }
}

/// What the kernel refused, until it is asked again.
struct Refusals {
    /// Why a route is not as wanted.
    enum Trouble: Hashable {
        /// A route of somebody else has the same key.
        case conflict(String)
        /// The kernel refuses.
        case error(String)

        var text: String {
            switch self {
            case .conflict(let text), .error(let text): text
            }
        }
    }

    var nextHops: [NextHop: NetlinkError] = [:]
    var groups: [UInt32: NetlinkError] = [:]
    var routes: [RouteKey: Trouble] = [:]
    var rules: [RoutingRule: NetlinkError] = [:]
    /// What stopped everything: reading, or removing.
    var general: NetlinkError?

    var isEmpty: Bool {
        nextHops.isEmpty && groups.isEmpty && routes.isEmpty && rules.isEmpty && general == nil
    }
}
