internal import EventLoop
internal import LinuxSystem

/// Deadlines at even spans, with nothing to do at them.
final class TimerRun {
    private let interval: Int64
    private var deadline: Int64
    private var record: JitterRecord

    init(_ cell: JitterCell) {
        let now = Clock.monotonicNanoseconds()
        interval = cell.interval
        deadline = now + cell.interval
        record = JitterRecord(cell, now: now, processorTime: Clock.threadNanoseconds())
    }

    func onTimer() throws(SystemError) -> JitterMeasurement {
        let loop = try EventLoop()
        var timer: TimerWatcher?
        timer = TimerWatcher(loop) { [unowned self] in
            guard self.wake() else { return loop.stop() }
            timer?.fire(after: self.deadline - Clock.monotonicNanoseconds())
        }
        timer?.fire(after: interval)
        loop.run()
        timer = nil
        return record.measurement(processorTime: Clock.threadNanoseconds())
    }

    func onEpoll() throws(SystemError) -> JitterMeasurement {
        let epoll = try EpollSleep()
        repeat { epoll.sleep(until: deadline) } while wake()
        return record.measurement(processorTime: Clock.threadNanoseconds())
    }

    func onDescriptor() throws(SystemError) -> JitterMeasurement {
        let loop = try EventLoop()
        let timer = try DeadlineTimer()
        let descriptor = timer.descriptor
        timer.arm(at: deadline)
        var isAwake = true
        let watcher = DescriptorWatcher(loop, descriptor: descriptor) { [unowned self] in
            isAwake = self.wake()
        }
        while isAwake {
            loop.runOnce(waiting: true)
            // Arming it anew makes it unreadable again.
            timer.arm(at: deadline)
        }
        watcher.stop()
        return record.measurement(processorTime: Clock.threadNanoseconds())
    }

    /// Notes how late it is, for each deadline that has passed; whether to go on.
    ///
    /// Deadlines that were slept through count as late as they are: otherwise one long sleep would
    /// hide behind a single sample.
    private func wake() -> Bool {
        let now = Clock.monotonicNanoseconds()
        while deadline <= now {
            record.note(deadline, wokenAt: now)
            deadline += interval
        }
        return now < record.end && !record.isFull
    }
}
