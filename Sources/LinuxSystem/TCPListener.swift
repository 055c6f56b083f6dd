internal import CLinux
internal import Glibc

/// A listening TCP socket in the network namespace of the thread that made it.
public struct TCPListener: ~Copyable, Sendable {
    private let owned: OwnedDescriptor

    /// Listens on an address and a port; IPv6 does not bring IPv4 along.
    public init(_ address: SocketAddress, port: UInt16) throws(SystemError) {
        var raw = address.raw
        let result = unsafe gw_tcp_listen(&raw, port)
        owned = OwnedDescriptor(owning: try SystemError.check(result, "listen on TCP port \(port)"))
    }

    /// The descriptor to watch for readability.
    public var descriptor: Int32 { owned.rawValue }

    /// Takes the next client that waits, its stream non-blocking; nil when none does.
    public func accept() throws(SystemError) -> UnixStream? {
        let result = gw_accept(owned.rawValue)
        switch -result {
        case EAGAIN, EINTR, ECONNABORTED: return nil
        default:
            let descriptor = try SystemError.check(result, "accept a TCP connection")
            return UnixStream(owning: OwnedDescriptor(owning: descriptor))
        }
    }
}

/// TCP connections to a listener, and what the kernel knows of the way there.
public enum TCPConnection {
    /// Connects; connecting, each read and each write wait at most so long.
    public static func open(
        to address: SocketAddress, port: UInt16, milliseconds: Int32
    ) throws(SystemError) -> UnixStream {
        var raw = address.raw
        let result = unsafe gw_tcp_connect(&raw, port, milliseconds)
        let descriptor = try SystemError.check(result, "connect to TCP port \(port)")
        return UnixStream(owning: OwnedDescriptor(owning: descriptor))
    }

    /// The address of ours that packets to another one leave from; nil while there is no way.
    public static func sourceAddress(to destination: SocketAddress) -> SocketAddress? {
        var (raw, found) = (destination.raw, gw_address())
        guard unsafe gw_source_address(&raw, &found) == 0 else { return nil }
        return SocketAddress(found)
    }
}
