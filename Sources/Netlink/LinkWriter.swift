internal import CNetlinkRoute
internal import LinuxSystem
public import NodeCore

/// Carries out the changes of links that the link guard has granted.
public enum LinkWriter {
    /// Carries out a permitted change, in the socket's namespace.
    public static func perform(
        _ permit: consuming LinkPermit, through socket: borrowing NetlinkSocket
    ) throws(NetlinkError) {
        let message =
            switch permit.operation {
            case .setUp: try flagMessage(permit, isUp: true)
            case .setDown: try flagMessage(permit, isUp: false)
            case .addAddress(let address): try addressMessage(permit, address)
            case .delete: try deletionMessage(permit)
            case .createPair(let one, let other): try pairMessage(permit, one, other)
            }
        try socket.exchange(message)
    }

    private static func flagMessage(
        _ permit: borrowing LinkPermit, isUp: Bool
    ) throws(NetlinkError) -> NetlinkMessage {
        var header = ifinfomsg()
        header.ifi_index = Int32(bitPattern: permit.index)
        header.ifi_change = UInt32(IFF_UP.rawValue)
        header.ifi_flags = isUp ? UInt32(IFF_UP.rawValue) : 0
        return try NetlinkMessage.request(
            .change(permit), header: header,
            operation: "set \(permit.name) \(isUp ? "up" : "down")")
    }

    private static func deletionMessage(
        _ permit: borrowing LinkPermit
    ) throws(NetlinkError) -> NetlinkMessage {
        var header = ifinfomsg()
        header.ifi_index = Int32(bitPattern: permit.index)
        return try NetlinkMessage.request(
            .change(permit), header: header, operation: "delete \(permit.name)")
    }

    /// An IPv6 address is usable at once, not after detection of duplicates.
    private static func addressMessage(
        _ permit: borrowing LinkPermit, _ address: LinkAddress
    ) throws(NetlinkError) -> NetlinkMessage {
        var header = ifaddrmsg()
        let isIPv6 = address.bytes.count == 16
        header.ifa_family = UInt8(isIPv6 ? AF_INET6 : AF_INET)
        header.ifa_prefixlen = address.prefixLength
        header.ifa_flags = isIPv6 ? UInt8(IFA_F_NODAD) : 0
        header.ifa_index = permit.index
        let message = try NetlinkMessage.request(
            .change(permit), flags: NLM_F_CREATE | NLM_F_EXCL, header: header,
            operation: "add an address to \(permit.name)")
        try message.put(Int(IFA_LOCAL), address.bytes)
        try message.put(Int(IFA_ADDRESS), address.bytes)
        return message
    }

    private static func pairMessage(
        _ permit: borrowing LinkPermit, _ one: LinkEndpoint, _ other: LinkEndpoint
    ) throws(NetlinkError) -> NetlinkMessage {
        let message = try NetlinkMessage.request(
            .change(permit), flags: NLM_F_CREATE | NLM_F_EXCL, header: ifinfomsg(),
            operation: "add the pair of links \(one.name) and \(other.name)")
        let far =
            attribute(Int(IFLA_IFNAME), text(other.name))
            + attribute(Int(IFLA_NET_NS_FD), octets(of: other.namespace))
        let peer = attribute(Int(VETH_INFO_PEER), octets(of: ifinfomsg()) + far)
        let kind = attribute(Int(IFLA_INFO_KIND), text("veth"))
        try message.put(Int(IFLA_IFNAME), text(one.name))
        try message.put(Int(IFLA_NET_NS_FD), octets(of: one.namespace))
        try message.put(
            Int(IFLA_LINKINFO), kind + attribute(Int(IFLA_INFO_DATA), peer))
        return message
    }

    private static func attribute(_ type: Int, _ value: [UInt8]) -> [UInt8] {
        let length = MemoryLayout<nlattr>.size + value.count
        return octets(of: nlattr(nla_len: UInt16(length), nla_type: UInt16(type))) + value
            + [UInt8](repeating: 0, count: aligned(length) - length)
    }

    private static func text(_ name: String) -> [UInt8] { Array(name.utf8) + [0] }
}
