internal import CLinux

/// A socket for IP packets whose header the caller writes.
///
/// The kernel routes and resolves by the address that is sent *to*, and leaves the destination in
/// the header alone: so a packet addressed to ourselves goes to a neighbour, instead of nowhere.
public enum RawSocket {
    /// A socket that sends by one interface only, unless that is `nil`; the caller closes it.
    public static func open(
        isIPv6: Bool, interface: String?
    ) throws(SystemError) -> OwnedDescriptor {
        let owned = OwnedDescriptor(
            owning: try SystemError.check(
                gw_raw_socket(isIPv6 ? 1 : 0), "raw socket for IPv\(isIPv6 ? 6 : 4)"))
        if let interface {
            try SystemError.check(
                unsafe gw_bind_to_device(owned.rawValue, interface),
                "bind to interface \(interface)")
        }
        return owned
    }
}

/// What the administrator has set in the kernel, as the calling thread's namespace has it.
public enum KernelSetting {
    /// The number of a setting such as `net/ipv4/ip_forward`; `nil` for one that cannot be read.
    public static func value(of name: String) -> Int? {
        let value = unsafe gw_read_setting("/proc/sys/" + name)
        return value < 0 ? nil : Int(value)
    }
}
