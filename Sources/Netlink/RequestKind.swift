internal import CNetlinkRoute
internal import NodeCore

/// The type of a request.
///
/// A type that changes a link or its addresses is only to be had for a permit of the link guard.
struct RequestKind {
    let number: Int

    private init(_ number: Int) {
        self.number = number
    }

    static let listLinks = RequestKind(Int(RTM_GETLINK))
    static let listAddresses = RequestKind(Int(RTM_GETADDR))
    static let getNeighbor = RequestKind(Int(RTM_GETNEIGH))
    static let getRoute = RequestKind(Int(RTM_GETROUTE))
    static let newRoute = RequestKind(Int(RTM_NEWROUTE))
    static let deleteRoute = RequestKind(Int(RTM_DELROUTE))
    static let listNextHops = RequestKind(Int(RTM_GETNEXTHOP))
    static let newNextHop = RequestKind(Int(RTM_NEWNEXTHOP))
    static let deleteNextHop = RequestKind(Int(RTM_DELNEXTHOP))
    static let listRules = RequestKind(Int(RTM_GETRULE))
    static let newRule = RequestKind(Int(RTM_NEWRULE))
    static let deleteRule = RequestKind(Int(RTM_DELRULE))

    /// What carries out a permitted change.
    static func change(_ permit: borrowing LinkPermit) -> RequestKind {
        switch permit.operation {
        case .createPair, .setUp, .setDown: RequestKind(Int(RTM_NEWLINK))
        case .delete: RequestKind(Int(RTM_DELLINK))
        case .addAddress: RequestKind(Int(RTM_NEWADDR))
        }
    }
}
