internal import CEv

/// Calls a handler in the loop's thread when a signal arrives.
///
/// One loop at a time may watch a signal: libev's rule.
@safe
public final class SignalWatcher {
    private let loop: EventLoop
    private let raw: UnsafeMutablePointer<ev_signal>
    private let handler: () -> Void

    /// Starts watching `signal`, such as `SIGTERM`.
    public init(_ loop: EventLoop, signal: Int32, handler: @escaping () -> Void) {
        self.loop = loop
        self.handler = handler
        unsafe raw = UnsafeMutablePointer<ev_signal>.allocate(capacity: 1)
        unsafe raw.initialize(to: ev_signal())
        unsafe gw_ev_signal_init(
            raw,
            { _, watcher, _ in
                guard let context = unsafe watcher?.pointee.data else { return }
                let held = unsafe Unmanaged<SignalWatcher>.fromOpaque(context)
                    .takeUnretainedValue()
                held.handler()
            }, signal)
        unsafe raw.pointee.data = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe ev_signal_start(loop.raw, raw)
    }

    deinit {
        unsafe ev_signal_stop(loop.raw, raw)
        unsafe raw.deallocate()
    }
}
