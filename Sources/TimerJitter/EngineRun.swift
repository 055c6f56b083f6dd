internal import BFDCore
internal import EventLoop
internal import LinuxSystem

/// The loop of the engine thread: a timerfd at the engine's next deadline, packets to a socket.
///
/// They go to a socket of our own on the loopback interface, where nobody reads them: the costs are
/// the kernel's for real packets, and none leaves the machine.
final class EngineRun {
    private var workload: EngineWorkload
    private var record: JitterRecord
    private let sender: DatagramSocket
    private let receiver: DatagramSocket
    private let timer: DeadlineTimer
    private var isAwake = true

    /// One of these is free.
    private static let ports: ClosedRange<UInt16> = 49_100...49_151
    private static let loopback = SocketAddress(
        high: 0x7f00_0001 << 32, low: 0, isIPv6: false)

    init(_ cell: JitterCell) throws(SystemError) {
        receiver = try DatagramSocket(isIPv6: false)
        sender = try DatagramSocket(isIPv6: false)
        timer = try DeadlineTimer()
        let start = Instant(nanoseconds: Clock.monotonicNanoseconds())
        do throws(EngineError) {
            workload = try EngineWorkload(
                sessionCount: cell.sessionCount,
                interval: Microseconds(UInt32(clamping: cell.interval / 1_000)), at: start)
        } catch {
            throw SystemError(operation: "an engine: \(error)", errno: .invalidArgument)
        }
        // What building the engine took is nobody's lateness.
        let now = Clock.monotonicNanoseconds()
        _ = workload.serve(at: Instant(nanoseconds: now))
        record = JitterRecord(
            cell, now: Clock.monotonicNanoseconds(), processorTime: Clock.threadNanoseconds())
        let port = try Self.bind(receiver)
        try receiver.setReceiveBuffer(byteCount: 4_096)
        try sender.connect(to: Self.loopback, port: port, interfaceIndex: 0)
    }

    private static func bind(_ socket: borrowing DatagramSocket) throws(SystemError) -> UInt16 {
        for port in ports {
            do throws(SystemError) {
                try socket.bind(loopback, port: port)
                return port
            } catch {
                guard error.errno == .addressInUse, port < ports.upperBound else { throw error }
            }
        }
        return 0
    }

    func run() throws(SystemError) -> JitterMeasurement {
        let loop = try EventLoop()
        let watcher = DescriptorWatcher(loop, descriptor: timer.descriptor) { [unowned self] in
            self.wake()
        }
        timer.arm(at: workload.nextDeadline.nanoseconds)
        while isAwake {
            loop.runOnce(waiting: true)
            timer.arm(at: workload.nextDeadline.nanoseconds)
        }
        watcher.stop()
        return record.measurement(processorTime: Clock.threadNanoseconds())
    }

    private func wake() {
        let deadline = workload.nextDeadline.nanoseconds
        let now = Clock.monotonicNanoseconds()
        let count = workload.serve(
            at: Instant(nanoseconds: now), toConnected: sender.descriptor)
        let done = Clock.monotonicNanoseconds()
        record.note(deadline, wokenAt: now, done: done, packets: count)
        isAwake = now < record.end && !record.isFull
    }
}
