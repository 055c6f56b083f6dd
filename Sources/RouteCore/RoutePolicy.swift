/// What a route does in the cases where BFD leaves a choice.
public struct RoutePolicy: Hashable, Sendable {
    /// What an administratively closed session means for its next hop.
    public enum OnAdminDown: String, Hashable, Sendable, CaseIterable {
        /// The next hop leaves.
        case withdraw
        /// The next hop stays as it was: AdminDown is no failure (RFC 5882 §3.2).
        case keep
    }

    /// What happens to a route none of whose next hops is left.
    public enum WhenNoneUp: String, Hashable, Sendable, CaseIterable {
        /// The route goes.
        case withdraw
        /// The next hops that were in it last stay.
        case keepLast = "keep-last"
        /// The route drops packets instead of leaving them to a less specific one.
        case blackhole
    }

    /// What a peer means that has not been heard since the start.
    public enum BeforeFirstUp: String, Hashable, Sendable, CaseIterable {
        /// The next hop waits for its session.
        case withhold
        /// The next hop is used as long as nothing is known against it: it may well be a peer that
        /// does not speak BFD (RFC 5882 §5).
        case install
    }

    /// What an administratively closed session means.
    public var onAdminDown: OnAdminDown
    /// What happens when none is left.
    public var whenNoneUp: WhenNoneUp

    /// What a peer means that has not been heard since the start.
    public var beforeFirstUp: BeforeFirstUp

    /// How long a session that failed or was closed must be up again before its next hop returns.
    public var holdUpNanoseconds: Int64 = 0
    /// What keeps a next hop out that fails again and again; nil: nothing.
    public var dampening: Dampening?

    /// Whether a next hop may have to wait although its session is up.
    public var delaysReturns: Bool { holdUpNanoseconds > 0 || dampening != nil }

    /// A policy; next hops are in only while they are known to be alive, unless told otherwise.
    public init(
        onAdminDown: OnAdminDown = .withdraw, whenNoneUp: WhenNoneUp = .withdraw,
        beforeFirstUp: BeforeFirstUp = .withhold
    ) {
        self.onAdminDown = onAdminDown
        self.whenNoneUp = whenNoneUp
        self.beforeFirstUp = beforeFirstUp
    }
}

/// How a session stands, as far as routes care.
public enum SessionStanding: Hashable, Sendable {
    /// Not up yet since the program started.
    case startingUp
    /// Up.
    case up
    /// Not up, by failure or because the peer has not answered.
    case failed
    /// Closed by an administrator here or at the peer.
    case administrativelyDown
}
