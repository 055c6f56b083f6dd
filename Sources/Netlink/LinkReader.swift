internal import CNetlinkRoute
internal import LinuxSystem
public import RouteCore

/// Finds links by name, and the link a gateway is on.
public enum LinkReader {
    /// The index of the link with this name.
    public static func interfaceIndex(
        named name: String, through socket: borrowing NetlinkSocket
    ) throws(NetlinkError) -> UInt32 {
        // The kernel refuses longer names with a text about attribute lengths.
        guard (1...15).contains(name.utf8.count) else { throw .interfaceAbsent(name) }
        var link: OpaquePointer?
        let result = unsafe rtnl_link_get_kernel(socket.raw, 0, name, &link)
        guard result >= 0, let link = unsafe link else {
            if result == -NLE_NODEV || result == -NLE_OBJ_NOTFOUND { throw .interfaceAbsent(name) }
            try NetlinkSocket.check(result, "look up interface \(name)")
            throw .interfaceAbsent(name)
        }
        defer { unsafe rtnl_link_put(link) }
        return unsafe UInt32(bitPattern: rtnl_link_get_ifindex(link))
    }

    /// The index of the link on which packets for `gateway` leave, if they reach it directly.
    public static func interfaceIndex(
        towards gateway: HostAddress, through socket: borrowing NetlinkSocket
    ) throws(NetlinkError) -> UInt32 {
        var header = rtmsg()
        header.rtm_family = familyNumber(gateway.family)
        header.rtm_dst_len = UInt8(gateway.family.bitCount)
        let message = try NetlinkMessage.request(
            .getRoute, header: header, operation: "find the way to gateway \(gateway)")
        try message.put(Int(RTA_DST.rawValue), gateway)
        let replies: [ReceivedMessage]
        do {
            replies = try socket.exchange(message)
        } catch {
            let unreachable: [Errno] = [.networkUnreachable, .hostUnreachable]
            guard let errno = error.errno, unreachable.contains(errno) else { throw error }
            throw .gatewayUnreachable(gateway)
        }
        guard let route = replies.lazy.compactMap(RouteMessage.init).first else {
            throw .gatewayUnreachable(gateway)
        }
        guard route.type == UInt8(RTN_UNICAST) else { throw .gatewayUnusable(gateway) }
        if let router = route.gateway {
            // A rule may lead even the way to a gateway into a table of ours.
            if let index = try covering(gateway, through: socket) { return index }
            throw .gatewayNotOnLink(gateway, behind: router)
        }
        guard let index = route.interfaceIndex else { throw .gatewayUnreachable(gateway) }
        return index
    }

    /// The link with an address whose network has the gateway in it; the smallest network wins.
    private static func covering(
        _ gateway: HostAddress, through socket: borrowing NetlinkSocket
    ) throws(NetlinkError) -> UInt32? {
        let messages = try socket.dump { () throws(NetlinkError) in
            var header = ifaddrmsg()
            header.ifa_family = familyNumber(gateway.family)
            return try NetlinkMessage.request(
                .listAddresses, flags: NLM_F_DUMP, header: header, operation: "list addresses")
        }
        var best: (length: UInt8, index: UInt32)?
        for message in messages {
            guard let (header, attributes) = message.body(ifaddrmsg.self),
                let bytes = attributes[Int(IFA_ADDRESS)], let address = HostAddress(bytes: bytes),
                isCovered(gateway, by: address, length: Int(header.ifa_prefixlen)),
                header.ifa_prefixlen > best?.length ?? 0
            else { continue }
            best = (header.ifa_prefixlen, header.ifa_index)
        }
        return best?.index
    }

    private static func isCovered(
        _ gateway: HostAddress, by address: HostAddress, length: Int
    ) -> Bool {
        guard gateway.family == address.family, (1...gateway.family.bitCount).contains(length)
        else { return false }
        let shift = UInt128(gateway.family.bitCount - length)
        return gateway.bits >> shift == address.bits >> shift
    }
}
