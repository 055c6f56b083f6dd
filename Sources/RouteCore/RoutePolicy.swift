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

    /// What an administratively closed session means.
    public var onAdminDown: OnAdminDown
    /// What happens when none is left.
    public var whenNoneUp: WhenNoneUp

    /// A policy; both withdraw unless told otherwise.
    public init(onAdminDown: OnAdminDown = .withdraw, whenNoneUp: WhenNoneUp = .withdraw) {
        self.onAdminDown = onAdminDown
        self.whenNoneUp = whenNoneUp
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
