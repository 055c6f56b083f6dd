internal import BFDCore
internal import EventLoop
public import LinuxSystem
internal import Synchronization

/// Measures cells, one at a time, each in a thread of its own.
public enum JitterProbe {
    /// Measures one cell; returns when it is done.
    public static func measure(_ cell: JitterCell) throws(SystemError) -> JitterMeasurement {
        let box = ResultBox()
        let load = cell.isLoaded ? try ProcessorLoad.started() : nil
        let thread = try SystemThread.start(name: "gw-jitter") {
            do throws(SystemError) {
                try prepare(cell)
                box.fill(.success(try run(cell)))
            } catch {
                box.fill(.failure(error))
            }
        }
        thread.join()
        load?.stop()
        guard let result = box.value else {
            throw SystemError(operation: "measuring", errno: .invalidArgument)
        }
        return try result.get()
    }

    /// Whether this process may use SCHED_FIFO with a priority: the kernel's refusal, or `nil`.
    public static func refusal(ofPriority priority: Int32) -> SystemError? {
        let cell = JitterCell(
            source: .epoll, priority: priority, isLoaded: false, interval: 1_000_000,
            sessionCount: 0, duration: 0)
        do throws(SystemError) {
            _ = try measure(cell)
            return nil
        } catch {
            return error
        }
    }

    /// The same as the daemon asks for.
    private static func prepare(_ cell: JitterCell) throws(SystemError) {
        try Scheduling.setTimerSlack(nanoseconds: 1)
        if cell.priority > 0 { try Scheduling.setRealTimePriority(cell.priority) }
    }

    private static func run(_ cell: JitterCell) throws(SystemError) -> JitterMeasurement {
        switch cell.source {
        case .evTimer: try TimerRun(cell).onTimer()
        case .epoll: try TimerRun(cell).onEpoll()
        case .timerfd: try TimerRun(cell).onDescriptor()
        case .engine: try EngineRun(cell).run()
        }
    }
}

/// What a thread leaves behind for the one that waits for it.
private final class ResultBox: Sendable {
    private let held = Mutex<Result<JitterMeasurement, SystemError>?>(nil)

    var value: Result<JitterMeasurement, SystemError>? { held.withLock { $0 } }

    func fill(_ result: Result<JitterMeasurement, SystemError>) {
        held.withLock { $0 = result }
    }
}
