internal import CNetlinkRoute
internal import RouteCore

// libnl takes a page from the allocator for each message. What a session's change waits for is put
// together in as many octets as it has.

extension NextHopWriter {
    /// Changes a group's members; an ordinary group's as fast as it goes.
    func replaceGroupAtOnce(
        id: UInt32, _ group: NextHopGroup, through socket: borrowing NetlinkSocket
    ) throws(NetlinkError) {
        guard group.resilience == nil else {
            return try replaceGroup(id: id, group, through: socket)
        }
        precondition(!group.isEmpty, "an empty group would take its routes with it")
        var bytes = message(
            NLM_F_REPLACE, header(family: UInt8(AF_UNSPEC)), id: id, members: group.members)
        try socket.exchange(
            .newNextHop, prepared: &bytes, operation: "change next-hop group \(id)")
    }

    /// Takes a next hop away, and so out of all its groups; what is gone already is an error.
    func removeAtOnce(
        id: UInt32, through socket: borrowing NetlinkSocket
    ) throws(NetlinkError) {
        var bytes = message(0, nhmsg(), id: id, members: [])
        try socket.exchange(
            .deleteNextHop, prepared: &bytes, operation: "remove next hop \(id)")
    }

    /// A whole message: headers, NHA_ID and, with members, NHA_GROUP.
    private func message(
        _ flags: Int32, _ kind: nhmsg, id: UInt32, members: [GroupMember]
    ) -> [UInt8] {
        let entrySize = MemoryLayout<nexthop_grp>.size
        let groupLength = MemoryLayout<nlattr>.size + entrySize * members.count
        let idLength = MemoryLayout<nlattr>.size + MemoryLayout<UInt32>.size
        let fixedLength = MemoryLayout<nlmsghdr>.size + MemoryLayout<nhmsg>.size
        let length = fixedLength + idLength + (members.isEmpty ? 0 : groupLength)
        let message = nlmsghdr(
            nlmsg_len: UInt32(length), nlmsg_type: 0,
            nlmsg_flags: UInt16(NLM_F_REQUEST | NLM_F_ACK | flags), nlmsg_seq: 0, nlmsg_pid: 0)
        return unsafe [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
            let raw = UnsafeMutableRawBufferPointer(buffer)
            var offset = 0
            func store<Value: BitwiseCopyable>(_ value: Value) {
                unsafe raw.storeBytes(of: value, toByteOffset: offset, as: Value.self)
                offset += MemoryLayout<Value>.size
            }
            store(message)
            store(kind)
            store(nlattr(nla_len: UInt16(idLength), nla_type: UInt16(NHA_ID)))
            store(id)
            if !members.isEmpty {
                store(nlattr(nla_len: UInt16(groupLength), nla_type: UInt16(NHA_GROUP)))
            }
            for member in members {
                store(
                    nexthop_grp(
                        id: member.id, weight: UInt8(member.weight - 1), resvd1: 0, resvd2: 0))
            }
            count = offset
        }
    }
}
