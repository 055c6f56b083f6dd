internal import CNetlinkRoute
internal import LinuxSystem
public import RouteCore

/// Makes and changes links for laboratories: the demonstration and the tests.
///
/// The daemon never calls this. It works in the network namespace of the thread that made it.
@safe
public struct LabLinks: ~Copyable {
    private let socket: NetlinkSocket

    /// Links of the calling thread's network namespace.
    public init() throws(NetlinkError) {
        socket = try NetlinkSocket.connected()
    }

    /// Makes a pair of virtual links, each end in the namespace behind its descriptor.
    public borrowing func createPair(
        _ name: String, in namespace: Int32, peer: String, in peerNamespace: Int32
    ) throws(NetlinkError) {
        guard let link = unsafe rtnl_link_veth_alloc() else {
            throw .outOfMemory(operation: "veth pair")
        }
        defer { unsafe rtnl_link_put(link) }
        guard let other = unsafe rtnl_link_veth_get_peer(link) else {
            throw .outOfMemory(operation: "veth pair")
        }
        defer { unsafe rtnl_link_put(other) }
        unsafe rtnl_link_set_name(link, name)
        unsafe rtnl_link_set_ns_fd(link, namespace)
        unsafe rtnl_link_set_name(other, peer)
        unsafe rtnl_link_set_ns_fd(other, peerNamespace)
        try NetlinkSocket.check(
            unsafe rtnl_link_add(socket.raw, link, NLM_F_CREATE | NLM_F_EXCL),
            "add the pair of links \(name) and \(peer)")
    }

    /// Sets a link up or down.
    public borrowing func set(_ name: String, up isUp: Bool) throws(NetlinkError) {
        var header = ifinfomsg()
        header.ifi_index = Int32(try LinkReader.interfaceIndex(named: name, through: socket))
        header.ifi_change = UInt32(IFF_UP.rawValue)
        header.ifi_flags = isUp ? UInt32(IFF_UP.rawValue) : 0
        try socket.exchange(
            NetlinkMessage.request(
                Int(RTM_NEWLINK), header: header,
                operation: "set \(name) \(isUp ? "up" : "down")"))
    }

    /// Adds an address with its on-link prefix; IPv6 is usable at once, not after detection of
    /// duplicates.
    public borrowing func add(
        _ address: HostAddress, length: Int, to name: String
    ) throws(NetlinkError) {
        var header = ifaddrmsg()
        header.ifa_family = familyNumber(address.family)
        header.ifa_prefixlen = UInt8(length)
        header.ifa_flags = address.family == .ipv6 ? UInt8(IFA_F_NODAD) : 0
        header.ifa_index = try LinkReader.interfaceIndex(named: name, through: socket)
        let message = try NetlinkMessage.request(
            Int(RTM_NEWADDR), flags: NLM_F_CREATE | NLM_F_EXCL, header: header,
            operation: "add \(address)/\(length) to \(name)")
        try message.put(Int(IFA_LOCAL), address)
        try message.put(Int(IFA_ADDRESS), address)
        try socket.exchange(message)
    }

    /// Deletes a link; the other end of a pair goes with it.
    public borrowing func delete(_ name: String) throws(NetlinkError) {
        var header = ifinfomsg()
        header.ifi_index = Int32(try LinkReader.interfaceIndex(named: name, through: socket))
        try socket.exchange(
            NetlinkMessage.request(
                Int(RTM_DELLINK), header: header, operation: "delete \(name)"))
    }
}
