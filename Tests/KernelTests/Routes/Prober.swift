import Foundation
import Glibc
import LinuxSystem
import RouteCore
import Synchronization

/// Sends packets to an address again and again, from a thread in the lab's namespace. A packet that
/// the kernel has no route for is a miss.
///
/// Asking with RTM_GETROUTE would not do: for IPv6 it answers ENETUNREACH when the route changes
/// between the lookup and the writing of the answer, although packets are sent all the time.
final class Prober: Sendable {
    private struct Tally {
        var probes = 0
        var misses = 0
        var isStopping = false
        var isOver = false
    }

    private let tally = Mutex(Tally())

    init(towards address: HostAddress, namespace: String) throws {
        let thread = Thread { [self] in
            defer { tally.withLock { $0.isOver = true } }
            do {
                try NetworkNamespace.open(path: NetworkNamespace.path(named: namespace)).enter()
            } catch { return print("the prober failed: \(error)") }
            let type = Int32(SOCK_DGRAM.rawValue)
            let descriptor = OwnedDescriptor(
                owning: socket(address.family == .ipv4 ? AF_INET : AF_INET6, type, 0))
            while !tally.withLock({ $0.isStopping }) {
                probe(address, descriptor.rawValue)
                usleep(20)
            }
        }
        thread.start()
        while tally.withLock({ $0.probes == 0 && !$0.isOver }) { usleep(100) }
    }

    /// How many packets were sent, and how many had no route.
    func stop() -> (probes: Int, misses: Int) {
        tally.withLock { $0.isStopping = true }
        while !tally.withLock({ $0.isOver }) { usleep(100) }
        return tally.withLock { ($0.probes, $0.misses) }
    }

    private func probe(_ address: HostAddress, _ descriptor: Int32) {
        let bytes = Self.socketAddress(address)
        let result = unsafe bytes.withUnsafeBytes { buffer in
            unsafe buffer.withMemoryRebound(to: sockaddr.self) { rebound in
                unsafe sendto(
                    descriptor, "x", 1, 0, rebound.baseAddress,
                    socklen_t(buffer.count))
            }
        }
        tally.withLock {
            $0.probes += 1
            if result < 0 { $0.misses += 1 }
        }
    }

    /// A `sockaddr_in` or `sockaddr_in6` with port 9 (discard).
    private static func socketAddress(_ address: HostAddress) -> [UInt8] {
        let family = UInt16(address.family == .ipv4 ? AF_INET : AF_INET6)
        let head: [UInt8] = [UInt8(truncatingIfNeeded: family), UInt8(family >> 8), 0, 9]
        let zeros = [UInt8](repeating: 0, count: 8)
        return address.family == .ipv4
            ? head + address.bytes + zeros : head + zeros[..<4] + address.bytes + zeros[..<4]
    }
}
