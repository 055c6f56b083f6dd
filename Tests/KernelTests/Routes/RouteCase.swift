import Netlink
import RouteController
import RouteCore
import Testing

/// What a test of routes is repeated over: the family, and how routes are kept in the kernel.
struct RouteCase: CustomTestStringConvertible, Sendable {
    let family: HostAddress.Family
    let useNextHopObjects: RouteControllerOptions.UseOfNextHopObjects

    static let all = [HostAddress.Family.ipv4, .ipv6].flatMap { family in
        [RouteControllerOptions.UseOfNextHopObjects.automatic, .never].map {
            RouteCase(family: family, useNextHopObjects: $0)
        }
    }

    var testDescription: String {
        "\(family), \(useNextHopObjects == .never ? "multipath routes" : "next-hop objects")"
    }

    var options: RouteControllerOptions { options(graceMilliseconds: 200) }

    func options(graceMilliseconds: Int64) -> RouteControllerOptions {
        RouteControllerOptions(
            useNextHopObjects: useNextHopObjects,
            adoptionGraceNanoseconds: graceMilliseconds * 1_000_000,
            firstRetryNanoseconds: 20_000_000)
    }

    /// The default route over gateway `a` on link `g0` and `b` on link `g1`.
    func route(
        _ policy: RoutePolicy = RoutePolicy(), weights: (Int, Int) = (1, 1), table: UInt32 = 254
    ) throws -> RouteConfiguration {
        RouteConfiguration(
            prefix: .all(family), table: table, metric: 50,
            nextHops: [
                NextHopConfiguration(
                    peer: "a", via: try address(gateway(0)), interface: nil, weight: weights.0),
                NextHopConfiguration(
                    peer: "b", via: try address(gateway(1)), interface: "g1", weight: weights.1),
            ], policy: policy)
    }

    func gateway(_ link: Int, host: Int = 2) -> String {
        family == .ipv4 ? "10.99.\(link).\(host)" : "2001:db8:a\(link)::\(host)"
    }

    /// iproute2's option of the family.
    var flag: String { family == .ipv4 ? "-4" : "-6" }

    /// An address that only the default route leads to.
    func elsewhere() throws -> HostAddress {
        try address(family == .ipv4 ? "192.0.2.1" : "2001:db8:ffff::1")
    }
}
