internal import CNetlinkRoute
internal import LinuxSystem
public import RouteCore

/// Asks the kernel about the way to an address; changes nothing.
///
/// It works in the network namespace of the thread that made it.
public struct PathReader: ~Copyable {
    /// A link as it stands.
    public enum Link: Sendable, Hashable {
        /// There is none of that name.
        case absent
        /// Set down by somebody.
        case down
        /// Up, and nothing is plugged in.
        case withoutCarrier
        /// Up and running.
        case running
    }

    /// Where the routes lead.
    public enum Route: Sendable, Hashable {
        /// Nowhere, with the kernel's text.
        case nowhere(String)
        /// Out of a link, to the address itself or to a router, and from which address of ours.
        case through(interfaceIndex: UInt32, router: HostAddress?, source: HostAddress?)
    }

    /// What the kernel knows of a neighbour.
    public enum Neighbor: Sendable, Hashable {
        /// It asked, and nobody answered.
        case failed
        /// It is asking.
        case incomplete
        /// It knows the hardware address, or needs none.
        case known
        /// It has not asked.
        case absent
    }

    private let socket: NetlinkSocket

    /// Opens netlink.
    public init() throws(NetlinkError) {
        socket = try NetlinkSocket.connected()
    }

    /// How a link stands.
    public borrowing func link(named name: String) throws(NetlinkError) -> Link {
        let index: UInt32
        do throws(NetlinkError) {
            index = try LinkReader.interfaceIndex(named: name, through: socket)
        } catch .interfaceAbsent {
            return .absent
        } catch {
            throw error
        }
        var header = ifinfomsg()
        header.ifi_index = Int32(bitPattern: index)
        let message = try NetlinkMessage.request(
            .listLinks, header: header, operation: "look at link \(name)")
        guard let reply = try socket.exchange(message).first?.body(ifinfomsg.self) else {
            return .absent
        }
        let flags = reply.header.ifi_flags
        if flags & UInt32(IFF_UP.rawValue) == 0 { return .down }
        return flags & UInt32(IFF_RUNNING.rawValue) == 0 ? .withoutCarrier : .running
    }

    /// Where packets go that are sent to an address, from one of ours and by a link where such are
    /// given.
    public borrowing func route(
        to destination: HostAddress, from source: HostAddress?, interfaceIndex: UInt32?
    ) throws(NetlinkError) -> Route {
        var header = rtmsg()
        header.rtm_family = familyNumber(destination.family)
        header.rtm_dst_len = UInt8(destination.family.bitCount)
        if source != nil { header.rtm_src_len = UInt8(destination.family.bitCount) }
        let message = try NetlinkMessage.request(
            .getRoute, header: header, operation: "find the way to \(destination)")
        try message.put(Int(RTA_DST.rawValue), destination)
        if let source { try message.put(Int(RTA_SRC.rawValue), source) }
        if let interfaceIndex { try message.put(Int(RTA_OIF.rawValue), interfaceIndex) }
        do throws(NetlinkError) {
            let replies = try socket.exchange(message)
            guard let reply = replies.first, let route = RouteMessage(reply) else {
                return .nowhere("no answer")
            }
            let preferred = reply.body(rtmsg.self)?.attributes[Int(RTA_PREFSRC.rawValue)]
            switch Int32(route.type) {
            case Int32(RTN_UNREACHABLE), Int32(RTN_BLACKHOLE), Int32(RTN_PROHIBIT):
                return .nowhere("a route of ours discards packets to it")
            default:
                return .through(
                    interfaceIndex: route.interfaceIndex ?? 0, router: route.gateway,
                    source: preferred.flatMap { HostAddress(bytes: $0) })
            }
        } catch {
            guard let errno = error.errno else { throw error }
            return .nowhere(errno.description)
        }
    }

    /// What the kernel knows of the hardware address of a neighbour on a link.
    public borrowing func neighbor(
        _ address: HostAddress, interfaceIndex: UInt32
    ) throws(NetlinkError) -> Neighbor {
        var header = ndmsg()
        header.ndm_family = familyNumber(address.family)
        header.ndm_ifindex = Int32(bitPattern: interfaceIndex)
        let message = try NetlinkMessage.request(
            .getNeighbor, header: header, operation: "look at the neighbour \(address)")
        try message.put(Int(NDA_DST), address)
        let reply: ReceivedMessage?
        do throws(NetlinkError) {
            reply = try socket.exchange(message).first
        } catch {
            guard error.errno == .noSuchFile else { throw error }
            return .absent
        }
        guard let reply = reply?.body(ndmsg.self) else { return .absent }
        let state = Int32(reply.header.ndm_state)
        if state & Int32(NUD_FAILED) != 0 { return .failed }
        if state & Int32(NUD_INCOMPLETE) != 0 { return .incomplete }
        return state == 0 ? .absent : .known
    }

    /// The link that has an address of ours; nil when none has.
    public borrowing func interfaceIndex(
        having address: HostAddress
    ) throws(NetlinkError) -> UInt32? {
        let messages = try socket.dump { () throws(NetlinkError) in
            var header = ifaddrmsg()
            header.ifa_family = familyNumber(address.family)
            return try NetlinkMessage.request(
                .listAddresses, flags: NLM_F_DUMP, header: header, operation: "list addresses")
        }
        for message in messages {
            guard let (header, attributes) = message.body(ifaddrmsg.self) else { continue }
            let bytes = attributes[Int(IFA_LOCAL)] ?? attributes[Int(IFA_ADDRESS)]
            if bytes.flatMap({ HostAddress(bytes: $0) }) == address { return header.ifa_index }
        }
        return nil
    }
}
