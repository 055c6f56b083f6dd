internal import CNetlinkRoute
public import RouteCore

extension NextHopWriter {
    /// Makes a resilient group of a few buckets, to see whether the kernel has such groups.
    public func tryResilientGroup(
        id: UInt32, _ members: [GroupMember], through socket: borrowing NetlinkSocket
    ) throws(NetlinkError) {
        var header = nhmsg()
        header.nh_protocol = protocolNumber
        let message = try NetlinkMessage.request(
            .newNextHop, flags: NLM_F_CREATE | NLM_F_EXCL, header: header,
            operation: "add resilient next-hop group \(id)")
        try message.put(Int(NHA_ID), id)
        let entries = members.flatMap { member in
            octets(
                of: nexthop_grp(
                    id: member.id, weight: UInt8(member.weight - 1), resvd1: 0, resvd2: 0))
        }
        try message.put(Int(NHA_GROUP), entries)
        try message.put(Int(NHA_GROUP_TYPE), octets(of: UInt16(NEXTHOP_GRP_TYPE_RES)))
        // Eight buckets, in an attribute within an attribute.
        let buckets =
            octets(of: UInt16(6)) + octets(of: UInt16(NHA_RES_GROUP_BUCKETS))
            + octets(of: UInt16(8)) + [0, 0]
        try message.put(Int(NHA_RES_GROUP) | 0x8000, buckets)
        try socket.exchange(message)
    }
}
