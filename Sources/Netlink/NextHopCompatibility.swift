internal import Glibc
public import LinuxSystem

/// `net.ipv4.nexthop_compat_mode` of the calling thread's network namespace.
///
/// While it is on, the kernel's default, every change of a group makes the kernel walk and announce
/// all routes that lead to it, for programs that know no next-hop objects. It serves IPv6 too.
public enum NextHopCompatibility {
    private static let path = "/proc/sys/net/ipv4/nexthop_compat_mode"

    /// Whether it is on; nil where the kernel has no such setting, or does not show it.
    public static func isOn() -> Bool? {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        let file = OwnedDescriptor(owning: descriptor)
        var digit: UInt8 = 0
        guard unsafe read(file.rawValue, &digit, 1) == 1 else { return nil }
        return digit != UInt8(ascii: "0")
    }

    /// Switches it off.
    public static func turnOff() throws(SystemError) {
        let descriptor = unsafe open(path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure }
        let file = OwnedDescriptor(owning: descriptor)
        var digit = UInt8(ascii: "0")
        guard unsafe write(file.rawValue, &digit, 1) == 1 else { throw failure }
    }

    private static var failure: SystemError {
        SystemError(operation: "switch \(path) off", errno: Errno(rawValue: errno))
    }
}
