public import RouteCore

/// Something happened to a route.
public struct RouteEvent: Sendable, Hashable {
    /// What happened.
    public enum Kind: String, Sendable, Hashable {
        /// A next hop entered the route.
        case nextHopAdded = "next-hop-added"
        /// A next hop left the route.
        case nextHopRemoved = "next-hop-removed"
        /// A next hop whose session is up is held back for a while.
        case nextHopHeld = "next-hop-held"
        /// The route is in the kernel.
        case routeInstalled = "route-installed"
        /// The route is in the kernel and drops packets.
        case routeBlackholed = "route-blackholed"
        /// The route left the kernel.
        case routeWithdrawn = "route-withdrawn"
        /// What a previous run left was found and taken over.
        case routeAdopted = "route-adopted"
        /// A route of somebody else has the same key.
        case conflict
        /// The kernel refused; the attempt is repeated.
        case error
    }

    /// What happened.
    public let kind: Kind
    /// The route; nil when it is not about a single one.
    public let key: RouteKey?
    /// How many routes it is about; with many, `key` is the first of them.
    public let routeCount: Int
    /// The session whose next hop it is about, if it is about one.
    public let peer: String?
    /// Why, in words.
    public let cause: String
    /// From the cause to the kernel's acknowledgement; nil when the kernel acted by itself.
    public let kernelNanoseconds: Int64?
}
