import Glibc
import LinuxSystem
import Synchronization
import Testing

extension RouteTests {
    /// What a thread of ours takes over from the one that starts it.
    @Suite struct SystemThreadTests {
        private final class Policies: Sendable {
            let starter = Atomic<Int32>(-1)
            let started = Atomic<Int32>(-1)
        }

        @Test func `a thread that looks around has no priority of the thread that sent it`() throws
        {
            let policies = Policies()
            try SystemThread.start(name: "gwt-first") {
                do throws(SystemError) {
                    try Scheduling.setRealTimePriority(1)
                    try SystemThread.start(name: "gwt-second") {
                        policies.started.store(sched_getscheduler(0), ordering: .relaxed)
                    }.join()
                } catch {
                    Issue.record("\(error)")
                }
                policies.starter.store(sched_getscheduler(0), ordering: .relaxed)
            }.join()
            let flags: Int32 = 0x4000_0000
            #expect(policies.starter.load(ordering: .relaxed) & ~flags == SCHED_FIFO)
            #expect(policies.started.load(ordering: .relaxed) == SCHED_OTHER)
        }

        @Test func `a watch ends at its deadline, however much there is to see`() throws {
            try RouteLab.run { _ in
                let loopback = SocketAddress(high: 0x7f00_0001 << 32, low: 0, isIPv6: false)
                let watch = try WireWatch(for: [])
                let speaker = try DatagramSocket(isIPv6: false)
                var buffer = TransmitBuffer()
                buffer.fill(24) { bytes in
                    bytes.storeBytes(of: 0x20, toByteOffset: 0, as: UInt8.self)
                }
                for _ in 0..<3 {
                    let refusal = DatagramSocket.send(
                        buffer, byteCount: 24, from: speaker.descriptor, to: loopback, port: 3784,
                        interfaceIndex: 0)
                    // Nobody listens, which the second one is told.
                    #expect(refusal == nil || refusal == .connectionRefused)
                }
                #expect(watch.next(until: Clock.monotonicNanoseconds() + 1_000_000_000) != nil)
                #expect(watch.next(until: Clock.monotonicNanoseconds()) == nil)
            }
        }
    }
}
