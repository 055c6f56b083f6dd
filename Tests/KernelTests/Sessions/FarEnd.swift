import BFDCore
import CLinux
import Glibc
import LinuxSystem

/// What came out of the node, as the other end of the link saw it.
struct Heard: Sendable {
    let source: SocketAddress
    let sourcePort: UInt16
    let destination: SocketAddress
    let hopLimit: Int16
    let interfaceIndex: UInt32
    let packet: ControlPacket
}

/// A socket in the router's namespace that hears Control packets, and says what a test makes up.
@safe
final class FarEnd {
    private let listener: OwnedDescriptor
    private let batch: OpaquePointer

    /// Listens on the BFD port of all addresses of the router.
    init(_ lab: RouteLab, isIPv6: Bool = false) throws {
        listener = try Self.inRouter(of: lab) {
            let socket = try DatagramSocket(isIPv6: isIPv6)
            try socket.bind(nil, port: 3784)
            try socket.setTransmitOptions(hopLimit: 255, trafficClass: 0, priority: 0)
            try socket.setReceiveBuffer(byteCount: 4 << 20)
            return socket.take()
        }
        unsafe batch = gw_receive_batch_create(256, 64)
    }

    deinit {
        unsafe gw_receive_batch_destroy(batch)
    }

    /// A socket of the router's with a port of its own choice.
    static func speaker(
        in lab: RouteLab, port: UInt16, hopLimit: UInt8 = 255, isIPv6: Bool = false
    ) throws -> OwnedDescriptor {
        try inRouter(of: lab) {
            let socket = try DatagramSocket(isIPv6: isIPv6)
            try socket.bind(nil, port: port)
            try socket.setTransmitOptions(hopLimit: hopLimit, trafficClass: 0, priority: 0)
            return socket.take()
        }
    }

    /// The index of a link in the router's namespace.
    static func index(of name: String, in lab: RouteLab) throws -> UInt32 {
        let router = try NetworkNamespace.open(path: NetworkNamespace.path(named: lab.routerName))
        let node = try NetworkNamespace.current()
        try router.enter()
        let index = unsafe if_nametoindex(name)
        try node.enter()
        return index
    }

    /// Everything that has arrived since the last call.
    func hear() throws -> [Heard] {
        var heard: [Heard] = []
        while true {
            let count = unsafe gw_receive_batch_read(batch, listener.rawValue)
            guard count > 0 else { return heard }
            for index in 0..<UInt32(count) {
                let arrival = unsafe gw_receive_batch_arrival(batch, index).pointee
                let bytes = unsafe UnsafeBufferPointer(
                    start: gw_receive_batch_bytes(batch, index), count: Int(arrival.byte_count))
                heard.append(
                    Heard(
                        source: address(arrival.source), sourcePort: arrival.source_port,
                        destination: address(arrival.destination), hopLimit: arrival.hop_limit,
                        interfaceIndex: arrival.interface_index,
                        packet: try unsafe ControlPacket(decoding: bytes.span)))
            }
        }
    }

    /// Says a packet to the node, from a socket of the router's.
    func say(_ packet: ControlPacket, to node: SocketAddress, from speaker: Int32? = nil) {
        var buffer = TransmitBuffer()
        buffer.fill(24) { bytes in packet.encode(into: &bytes) }
        _ = DatagramSocket.send(
            buffer, byteCount: 24, from: speaker ?? listener.rawValue, to: node, port: 3784,
            interfaceIndex: 0)
    }

    private func address(_ raw: gw_address) -> SocketAddress {
        let octets = unsafe withUnsafeBytes(of: raw.octets) { unsafe Array($0) }
        let halves = [octets[..<8], octets[8...]].map { half in
            half.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        }
        return SocketAddress(high: halves[0], low: halves[1], isIPv6: raw.is_ipv6 != 0)
    }

    private static func inRouter(
        of lab: RouteLab, _ make: () throws -> Int32
    ) throws -> OwnedDescriptor {
        let router = try NetworkNamespace.open(path: NetworkNamespace.path(named: lab.routerName))
        let node = try NetworkNamespace.current()
        try router.enter()
        let made = Result { try make() }
        try node.enter()
        return OwnedDescriptor(owning: try made.get())
    }
}
