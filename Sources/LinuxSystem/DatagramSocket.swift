internal import CLinux

/// An IPv4 or IPv6 address as the kernel takes it: octets in network order.
public struct SocketAddress: Sendable, Hashable {
    /// Sixteen octets, of which IPv4 uses the upper four: high and low half, big-endian values.
    public let high: UInt64
    /// The second half.
    public let low: UInt64
    /// Whether all sixteen octets count.
    public let isIPv6: Bool

    /// An address by its halves; IPv4 stands in the upper 32 bits of `high`.
    public init(high: UInt64, low: UInt64, isIPv6: Bool) {
        self.high = high
        self.low = low
        self.isIPv6 = isIPv6
    }

    var raw: gw_address {
        var address = gw_address()
        let halves = (high.bigEndian, low.bigEndian)
        unsafe withUnsafeBytes(of: halves) { source in
            unsafe withUnsafeMutableBytes(of: &address.octets) { target in
                unsafe target.copyMemory(from: source)
            }
        }
        address.is_ipv6 = isIPv6 ? 1 : 0
        return address
    }

    init(_ raw: gw_address) {
        var halves: (UInt64, UInt64) = (0, 0)
        unsafe withUnsafeBytes(of: raw.octets) { source in
            unsafe withUnsafeMutableBytes(of: &halves) { target in
                unsafe target.copyMemory(from: source)
            }
        }
        self.init(
            high: UInt64(bigEndian: halves.0), low: UInt64(bigEndian: halves.1),
            isIPv6: raw.is_ipv6 != 0)
    }
}

/// A non-blocking UDP socket that tells TTL, interface, destination and receive time.
public struct DatagramSocket: ~Copyable, Sendable {
    private let owned: OwnedDescriptor
    /// Whether it is an IPv6 socket.
    public let isIPv6: Bool

    /// An unbound socket in the network namespace of the calling thread.
    public init(isIPv6: Bool) throws(SystemError) {
        owned = OwnedDescriptor(
            owning: try SystemError.check(
                gw_udp_socket(isIPv6 ? 1 : 0), "UDP socket for IPv\(isIPv6 ? 6 : 4)"))
        self.isIPv6 = isIPv6
    }

    /// The descriptor to watch, valid while this value lives.
    public var descriptor: Int32 { owned.rawValue }

    /// Binds to a port, and to an address unless `nil`; the index is the scope of a link-local one.
    public func bind(
        _ address: SocketAddress?, port: UInt16, interfaceIndex: UInt32 = 0
    ) throws(SystemError) {
        var raw = (address ?? SocketAddress(high: 0, low: 0, isIPv6: isIPv6)).raw
        let result = unsafe gw_bind(owned.rawValue, &raw, port, interfaceIndex)
        try SystemError.check(result, "bind UDP port \(port) for IPv\(isIPv6 ? 6 : 4)")
    }

    /// Sends and receives by one interface only.
    public func bind(toInterface name: String) throws(SystemError) {
        try SystemError.check(
            unsafe gw_bind_to_device(owned.rawValue, name), "bind to interface \(name)")
    }

    /// TTL or hop limit, TOS or traffic class octet, and SO_PRIORITY of what is sent.
    public func setTransmitOptions(
        hopLimit: UInt8, trafficClass: UInt8, priority: UInt8
    ) throws(SystemError) {
        try SystemError.check(
            gw_set_transmit_options(
                owned.rawValue, isIPv6 ? 1 : 0, Int32(hopLimit), Int32(trafficClass),
                Int32(priority)), "TTL, traffic class and priority")
    }

    /// Asks for room for what arrives while nobody reads, beyond the system's limit where allowed.
    public func setReceiveBuffer(byteCount: Int32) throws(SystemError) {
        try Self.setReceiveBuffer(of: owned.rawValue, byteCount: byteCount)
    }

    /// The same for a descriptor of this kind.
    public static func setReceiveBuffer(
        of descriptor: Int32, byteCount: Int32
    ) throws(SystemError) {
        try SystemError.check(gw_set_receive_buffer(descriptor, byteCount), "receive buffer")
    }

    /// Gives the descriptor away without closing it.
    public consuming func take() -> Int32 {
        owned.take()
    }

    /// Reaches one peer only from now on, from the address that the kernel chooses now.
    public func connect(
        to destination: SocketAddress, port: UInt16, interfaceIndex: UInt32
    ) throws(SystemError) {
        var raw = destination.raw
        let result = unsafe gw_connect(owned.rawValue, &raw, port, interfaceIndex)
        try SystemError.check(result, "connect to UDP port \(port)")
    }

    /// Whether a descriptor is a socket of this kind, bound to a port of any address and to no
    /// interface, connected to nothing, and in a network namespace, as far as may be known.
    public static func isReceiver(
        _ descriptor: Int32, isIPv6: Bool, port: UInt16, isSharing: Bool, namespaceInode: UInt64
    ) -> Bool {
        guard gw_is_receiver(descriptor, isIPv6 ? 1 : 0, port, isSharing ? 1 : 0) == 1 else {
            return false
        }
        let inode = gw_socket_namespace_inode(descriptor)
        // Only CAP_NET_ADMIN may ask.
        if inode < 0 { return Errno(rawValue: Int32(clamping: -inode)) == .operationNotPermitted }
        return UInt64(inode) == namespaceInode
    }

    /// The address that a bound or connected descriptor sends from; `nil` when it has none.
    public static func localAddress(of descriptor: Int32) -> SocketAddress? {
        var raw = gw_address()
        guard unsafe gw_local_address(descriptor, &raw) == 0 else { return nil }
        return SocketAddress(raw)
    }

    /// Sends the first octets of a buffer as one datagram, from a connected descriptor.
    ///
    /// The kernel's refusal, or `nil`.
    public static func send(
        _ buffer: borrowing TransmitBuffer, byteCount: Int, fromConnected descriptor: Int32
    ) -> Errno? {
        let result = unsafe gw_send_connected(
            descriptor, buffer.start, min(byteCount, TransmitBuffer.byteCapacity))
        return result < 0 ? Errno(rawValue: -result) : nil
    }

    /// Sends the first octets of a buffer as one datagram, from a descriptor of this kind.
    ///
    /// The kernel's refusal, or `nil`.
    public static func send(
        _ buffer: borrowing TransmitBuffer, byteCount: Int, from descriptor: Int32,
        to destination: SocketAddress, port: UInt16, interfaceIndex: UInt32
    ) -> Errno? {
        var raw = destination.raw
        let result = unsafe gw_send(
            descriptor, buffer.start, min(byteCount, TransmitBuffer.byteCapacity), &raw, port,
            interfaceIndex)
        return result < 0 ? Errno(rawValue: -result) : nil
    }
}
