internal import CEv

/// Calls a handler in the loop's thread some time from now, by libev's own timers.
///
/// They round up to whole milliseconds; what has to be exact watches a `DeadlineTimer` instead.
@safe
public final class TimerWatcher {
    private let loop: EventLoop
    private let raw: UnsafeMutablePointer<ev_timer>
    private let handler: () -> Void

    /// Makes a timer that is not running.
    public init(_ loop: EventLoop, handler: @escaping () -> Void) {
        self.loop = loop
        self.handler = handler
        unsafe raw = UnsafeMutablePointer<ev_timer>.allocate(capacity: 1)
        unsafe raw.initialize(to: ev_timer())
        unsafe gw_ev_timer_init(
            raw,
            { _, watcher, _ in
                guard let context = unsafe watcher?.pointee.data else { return }
                let held = unsafe Unmanaged<TimerWatcher>.fromOpaque(context)
                    .takeUnretainedValue()
                held.handler()
            })
        unsafe raw.pointee.data = unsafe Unmanaged.passUnretained(self).toOpaque()
    }

    deinit {
        unsafe ev_timer_stop(loop.raw, raw)
        unsafe raw.deallocate()
    }

    /// Fires once, so many nanoseconds from now; less than nothing fires at once.
    public func fire(after nanoseconds: Int64) {
        unsafe gw_ev_timer_restart(loop.raw, raw, max(0, Double(nanoseconds) / 1e9))
    }
}
