internal import CLinux

/// Sockets that share a port, among which the kernel chooses by what a BFD packet says.
///
/// So what must be answered at once wakes its reader at once, what is expected can be read when the
/// reader is awake anyway, and what no session can accept never wakes anybody.
public enum SharedPort {
    /// The places of the sockets, in the order in which they are bound.
    public static var roles: [Role] { [.urgent, .routine, .invalid] }

    /// Which packets a socket gets.
    public enum Role: Sendable, Hashable {
        /// Polls, Finals and states other than Up.
        case urgent
        /// Up, as expected.
        case routine
        /// Nothing that a session could accept.
        case invalid
    }

    /// Lets sockets that are bound later share the port of a bound one.
    ///
    /// To be called on the first one after it was bound, so that nobody had the port before.
    public static func open(_ descriptor: Int32) throws(SystemError) {
        try SystemError.check(gw_share_port(descriptor), "share a UDP port")
    }

    /// Has the kernel choose; packets below the hop limit are invalid. May be called again.
    ///
    /// Several threads, each with a socket for each role, get the packets by the last octet of the
    /// source address, modulo their number.
    public static func steer(
        _ descriptor: Int32, isIPv6: Bool, minimumHopLimit: UInt8, threadCount: Int = 1
    ) throws(SystemError) {
        precondition(threadCount > 0)
        try SystemError.check(
            gw_steer(descriptor, isIPv6 ? 1 : 0, Int32(minimumHopLimit), Int32(threadCount)),
            "steer the packets of a UDP port")
    }

    /// How many datagrams found no room in a socket so far.
    public static func dropCount(of descriptor: Int32) -> UInt64 {
        UInt64(max(gw_receive_drops(descriptor), 0))
    }

    /// The octets of a socket's receive buffer, by the kernel's own count.
    public static func bufferByteCount(of descriptor: Int32) -> Int {
        Int(max(gw_receive_buffer(descriptor), 0))
    }
}
