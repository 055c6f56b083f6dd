internal import CLinux
internal import Glibc

/// The interfaces of the calling thread's network namespace.
public enum NetworkInterface {
    /// A subnet that an interface has an address in.
    public struct Subnet: Sendable, Hashable {
        /// The index of the interface.
        public let interfaceIndex: UInt32
        /// An address in it; of a point-to-point link, the other end's.
        public let address: SocketAddress
        /// How many bits all its addresses share.
        public let bitCount: UInt8
    }

    /// The index of an interface; `nil` when there is none of that name.
    public static func index(named name: String) -> UInt32? {
        let index = unsafe if_nametoindex(name)
        return index == 0 ? nil : index
    }

    /// The index of an interface, 0 when there is none of that name; throws where the kernel does
    /// not say, for want of a descriptor.
    public static func indexIfPresent(named name: String) throws(SystemError) -> UInt32 {
        UInt32(try SystemError.check(unsafe gw_interface_index(name), "interface \(name)"))
    }

    /// The name of an interface; `nil` when there is none of that index.
    public static func name(at index: UInt32) -> String? {
        unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 16) { name in
            guard let start = name.baseAddress, unsafe gw_interface_name(index, start) == 0 else {
                return nil
            }
            return unsafe String(cString: start)
        }
    }

    /// The subnets of all interfaces.
    public static func subnets() throws(SystemError) -> [Subnet] {
        var found: [gw_interface_subnet] = []
        var count = 64
        while found.count < count {
            found = Array(repeating: gw_interface_subnet(), count: count)
            let capacity = Int32(count)
            let result = unsafe found.withUnsafeMutableBufferPointer { buffer in
                unsafe gw_interface_subnets(buffer.baseAddress, capacity)
            }
            count = Int(try SystemError.check(result, "read addresses"))
        }
        return found.prefix(count).map { subnet in
            Subnet(
                interfaceIndex: subnet.interface_index, address: SocketAddress(subnet.address),
                bitCount: subnet.bit_count)
        }
    }
}
