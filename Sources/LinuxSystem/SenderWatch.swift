internal import CLinux

/// Sees who sends BFD packets into the calling thread's network namespace, whatever becomes of
/// them there: before firewall and sockets. Needs CAP_NET_RAW.
public enum SenderWatch {
    /// Everybody who sent one within the time.
    public static func senders(milliseconds: Int32) throws(SystemError) -> Set<SocketAddress> {
        let descriptor = OwnedDescriptor(
            owning: try SystemError.check(gw_senders_open(), "watch the links for BFD packets"))
        let deadline = Clock.monotonicNanoseconds() + Int64(milliseconds) * 1_000_000
        var found: Set<SocketAddress> = []
        while true {
            var sender = gw_address()
            while unsafe gw_senders_read(descriptor.rawValue, &sender) > 0 {
                found.insert(SocketAddress(sender))
            }
            let left = (deadline - Clock.monotonicNanoseconds()) / 1_000_000
            guard left > 0 else { return found }
            _ = DescriptorReadiness.waitUntilReadable(
                descriptor.rawValue, milliseconds: Int32(clamping: left))
        }
    }
}
