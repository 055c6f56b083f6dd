internal import Netlink
internal import RouteCore

/// A gateway and the link it was asked for on; what one next-hop object stands for.
struct Place: Hashable {
    let via: HostAddress
    let interface: String?
}

extension NextHopConfiguration {
    var place: Place { Place(via: via, interface: interface) }
}

/// Routes with the same next hops and policy: they share one next-hop group, so that a session's
/// change is one message however many they are.
struct RouteSet {
    let nextHops: [NextHopConfiguration]
    let policy: RoutePolicy
    var keys: [RouteKey]
    var membership: Membership
    /// The group in the kernel, or the one to make.
    var groupID: UInt32?

    var family: HostAddress.Family { keys[0].prefix.family }

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
        struct Sharing: Hashable {
            let nextHops: [NextHopConfiguration]
            let policy: RoutePolicy
        }
        var sets: [RouteSet] = []
        var places: [Sharing: Int] = [:]
        for route in routes {
            let sharing = Sharing(nextHops: route.nextHops, policy: route.policy)
            if let place = places[sharing] {
                sets[place].keys.append(route.key)
            } else {
                places[sharing] = sets.count
                sets.append(
                    RouteSet(
                        nextHops: route.nextHops, policy: route.policy, keys: [route.key],
                        membership: Membership(
                            count: route.nextHops.count, policy: route.policy)))
            }
        }
        return sets
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
    /// What stopped everything: reading, or removing.
    var general: NetlinkError?

    var isEmpty: Bool {
        nextHops.isEmpty && groups.isEmpty && routes.isEmpty && general == nil
    }
}
