public import ControlProtocol
public import LinuxSystem
internal import RouteCore

/// Asks a beacon, as `bfdd-control` does.
public enum BeaconClient {
    /// How long connecting, and each piece of the reply, may take.
    private static let patience: Int32 = 4_000

    /// Why there is no reply.
    public enum Problem: Error, Sendable {
        /// Nobody can be connected to.
        case connection(Errno)
        /// The connection ended, or nothing came, before there was a reply.
        case noReply
        /// The command is longer than a beacon takes.
        case tooLong
    }

    /// Sends the words of a command; the reply, whole lines.
    public static func ask(
        _ words: [String], at endpoint: OpenBFDD.Endpoint
    ) throws(Problem) -> String {
        guard let message = OpenBFDD.Message.octets(of: words) else { throw .tooLong }
        let stream = try connection(to: endpoint)
        guard let reply = exchange(message, stream) else { throw .noReply }
        return String(decoding: reply, as: UTF8.self)
    }

    private static func connection(
        to endpoint: OpenBFDD.Endpoint
    ) throws(Problem) -> UnixStream {
        do throws(SystemError) {
            return try TCPConnection.open(
                to: SocketAddress(endpoint.address), port: endpoint.port, milliseconds: patience)
        } catch {
            throw .connection(error.errno)
        }
    }

    /// The reply, up to the end of the connection; nil for none, or half of one.
    private static func exchange(
        _ message: [UInt8], _ stream: borrowing UnixStream
    ) -> [UInt8]? {
        var reply: [UInt8] = []
        do throws(SystemError) {
            guard try stream.write(message[...]) == message.count else { return nil }
            while let count = try stream.read(appendingTo: &reply, limit: 4_096) {
                if count == 0 { return reply.isEmpty ? nil : reply }
            }
        } catch {
            return nil
        }
        return nil
    }
}

extension SocketAddress {
    /// The same address for the kernel.
    init(_ address: HostAddress) {
        switch address.family {
        case .ipv4:
            self.init(high: UInt64(truncatingIfNeeded: address.bits) << 32, low: 0, isIPv6: false)
        case .ipv6:
            self.init(
                high: UInt64(truncatingIfNeeded: address.bits >> 64),
                low: UInt64(truncatingIfNeeded: address.bits), isIPv6: true)
        }
    }
}
