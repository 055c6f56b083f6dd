/// Which next hops belong in a route, from what their sessions did.
///
/// A next hop is a member while its session is up. Two things keep a member whose session is not:
/// it was found in the kernel at the start, until the grace for that ends, and the policy `keep`
/// for administratively closed sessions. Two things hold one back whose session is up again: the
/// hold-up time and dampening; but never the only one that is up, for a doubtful next hop is better
/// than none. Next hops are named by their place in the configuration.
public struct Membership: Hashable, Sendable {
    /// What a route leads to.
    public enum Selection: Hashable, Sendable {
        /// These next hops; never empty.
        case members([Int])
        /// No next hop is left; these were the last and stay. Never empty.
        case kept([Int])
        /// No next hop is left: packets are dropped.
        case blackhole
        /// No next hop is left: no route.
        case withdrawn

        /// The next hops to install, none for a blackhole.
        public var nextHops: [Int] {
            switch self {
            case .members(let indices), .kept(let indices): indices
            case .blackhole, .withdrawn: []
            }
        }
    }

    struct Entry: Hashable, Sendable {
        var standing = SessionStanding.startingUp
        var isMember = false
        var isAdopted = false
        /// Since the start, or since it was configured.
        var hasBeenUp = false
        /// Until when it is held back although its session is up; nil when it is not.
        var heldUntil: Int64?
        var flaps = FlapRecord()
    }

    let policy: RoutePolicy
    var entries: [Entry]
    private var last: [Int] = []

    /// Membership of `count` next hops, all starting up.
    public init(count: Int, policy: RoutePolicy) {
        self.policy = policy
        entries = [Entry](repeating: Entry(), count: count)
        for index in entries.indices { entries[index].isMember = isInstalledBeforeUp }
        remember()
    }

    private var isInstalledBeforeUp: Bool {
        switch policy.beforeFirstUp {
        case .withhold: false
        case .install: true
        }
    }

    /// How the session of a next hop stands.
    public func standing(of index: Int) -> SessionStanding { entries[index].standing }

    /// Whether any next hop is a member.
    public var hasMembers: Bool { entries.contains(where: \.isMember) }

    /// Whether a next hop is a member.
    public func isMember(_ index: Int) -> Bool { entries[index].isMember }

    /// Takes over a next hop that a previous run left in the kernel, if its session is starting up.
    public mutating func adopt(_ index: Int) {
        guard entries[index].standing == .startingUp else { return }
        entries[index].isAdopted = true
        entries[index].isMember = true
        remember()
    }

    /// Follows a session. `now` is in monotonic nanoseconds, and matters only to a policy that
    /// delays returns.
    public mutating func apply(_ standing: SessionStanding, to index: Int, at now: Int64 = 0) {
        follow(standing, index, now)
        admitRatherThanNone()
        remember()
    }

    /// Follows several sessions at once: what is in between was never a set of its own.
    public mutating func apply(_ standings: [Int: SessionStanding], at now: Int64 = 0) {
        for (index, standing) in standings { follow(standing, index, now) }
        admitRatherThanNone()
        remember()
    }

    private mutating func follow(_ standing: SessionStanding, _ index: Int, _ now: Int64) {
        let before = entries[index].standing
        entries[index].standing = standing
        if standing != .up { entries[index].heldUntil = nil }
        switch standing {
        case .up:
            entries[index].isAdopted = false
            if !entries[index].isMember, before != .up { hold(index, at: now) }
            entries[index].isMember = entries[index].heldUntil == nil
            entries[index].hasBeenUp = true
        case .failed:
            entries[index].isMember = false
            entries[index].isAdopted = false
            if before == .up, let dampening = policy.dampening {
                entries[index].flaps.fail(dampening, at: now)
            }
        case .startingUp:
            entries[index].isMember = entries[index].isAdopted || isInstalledBeforeUp
        case .administrativelyDown:
            switch policy.onAdminDown {
            case .keep: break
            case .withdraw:
                entries[index].isMember = false
                entries[index].isAdopted = false
            }
        }
    }

    /// Adopted next hops whose sessions are still starting up leave.
    public mutating func endGrace() {
        for index in entries.indices {
            entries[index].isAdopted = false
            if entries[index].standing == .startingUp {
                entries[index].isMember = isInstalledBeforeUp
            }
        }
        remember()
    }

    /// What the route leads to now.
    public var selection: Selection {
        let members = entries.indices.filter { entries[$0].isMember }
        guard members.isEmpty else { return .members(members) }
        switch policy.whenNoneUp {
        case .withdraw: return .withdrawn
        case .blackhole: return .blackhole
        case .keepLast: return last.isEmpty ? .withdrawn : .kept(last)
        }
    }

    mutating func remember() {
        let members = entries.indices.filter { entries[$0].isMember }
        if !members.isEmpty { last = members }
    }
}
