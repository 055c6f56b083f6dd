internal import CLinux

/// How an interface of the calling thread's network namespace stands.
public struct InterfaceState: Sendable, Hashable {
    /// Whether it was set up.
    public let isUp: Bool
    /// Whether something is plugged in at the other end.
    public let isRunning: Bool
    /// Octets of the largest packet.
    public let mtu: Int
    /// Six octets of link address as text.
    public let hardwareAddress: String

    /// The state of the interface with this name; nil when there is none.
    public init?(of name: String) {
        var state = gw_interface_state()
        guard unsafe gw_read_interface_state(name, &state) == 0 else { return nil }
        isUp = state.flags & 0x1 != 0
        isRunning = state.flags & 0x40 != 0
        mtu = Int(state.mtu)
        let octets = state.hardware_address
        hardwareAddress = [octets.0, octets.1, octets.2, octets.3, octets.4, octets.5]
            .map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: ":")
    }
}

/// What `/proc` says of the calling thread's network namespace.
public enum NetworkFiles {
    /// The gateways of default routes that leave by an interface.
    public static func defaultGateways(by interface: String) -> [SocketAddress] {
        let ipv4 = lines("route").compactMap { fields -> SocketAddress? in
            guard fields.count > 7, fields[0] == interface, fields[1] == "00000000",
                fields[7] == "00000000"
            else { return nil }
            return PortFiles.address(fields[2])
        }
        let ipv6 = lines("ipv6_route").compactMap { fields -> SocketAddress? in
            guard fields.count > 9, fields[9] == interface, fields[1] == "00",
                let high = UInt64(fields[4].prefix(16), radix: 16),
                let low = UInt64(fields[4].suffix(16), radix: 16), high != 0 || low != 0
            else { return nil }
            return SocketAddress(high: high, low: low, isIPv6: true)
        }
        return ipv4 + ipv6
    }

    /// Whether any socket receives by a UDP port.
    public static func isReceiving(by port: UInt16) -> Bool {
        (lines("udp") + lines("udp6")).contains { fields in
            guard fields.count > 1 else { return false }
            return fields[1].split(separator: ":").last.flatMap { UInt16($0, radix: 16) } == port
        }
    }

    private static func lines(_ name: String) -> [[Substring]] {
        let text = ProcessFiles.text("/proc/thread-self/net/\(name)") ?? ""
        return text.split(separator: "\n").map { $0.split { $0 == " " || $0 == "\t" } }
    }
}

private enum PortFiles {
    /// An IPv4 address as `/proc` writes it: a number of the machine's own order.
    static func address(_ digits: Substring) -> SocketAddress? {
        guard let word = UInt32(digits, radix: 16), word != 0 else { return nil }
        return SocketAddress(high: UInt64(UInt32(bigEndian: word)) << 32, low: 0, isIPv6: false)
    }
}
