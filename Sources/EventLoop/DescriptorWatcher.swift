internal import CEv
internal import LinuxSystem

/// Calls a handler in the loop's thread whenever a descriptor is ready.
///
/// libev keeps a pointer to the watcher, so its memory never moves; it is stopped and freed when
/// this object is released. The descriptor must outlive the watcher.
@safe
public final class DescriptorWatcher {
    /// What to wait for.
    public enum Interest: Sendable {
        /// Something can be read.
        case readable
        /// Something can be written.
        case writable
    }

    private let loop: EventLoop
    private let raw: UnsafeMutablePointer<ev_io>
    private let handler: () -> Void
    private let descriptor: Int32
    private let interest: Interest
    private var isActive = false

    /// Starts watching `descriptor`.
    public init(
        _ loop: EventLoop, descriptor: Int32, interest: Interest = .readable,
        handler: @escaping () -> Void
    ) {
        self.loop = loop
        self.handler = handler
        self.descriptor = descriptor
        self.interest = interest
        unsafe raw = UnsafeMutablePointer<ev_io>.allocate(capacity: 1)
        unsafe raw.initialize(to: ev_io())
        let events = interest == .readable ? gw_event_read : gw_event_write
        unsafe gw_ev_io_init(
            raw,
            { _, watcher, _ in
                guard let context = unsafe watcher?.pointee.data else { return }
                // Held for the call: the handler may release its own watcher.
                let held = unsafe Unmanaged<DescriptorWatcher>.fromOpaque(context)
                    .takeUnretainedValue()
                held.handler()
            }, descriptor, events)
        unsafe raw.pointee.data = unsafe Unmanaged.passUnretained(self).toOpaque()
        start()
    }

    deinit {
        stop()
        unsafe raw.deallocate()
    }

    /// Watches again after `stop()`.
    public func start() {
        guard !isActive else { return }
        isActive = true
        loop.descriptors?.insert(descriptor, isForWriting: interest == .writable)
        unsafe ev_io_start(loop.raw, raw)
    }

    /// Calls the handler no more.
    public func stop() {
        guard isActive else { return }
        isActive = false
        loop.descriptors?.remove(descriptor)
        unsafe ev_io_stop(loop.raw, raw)
    }
}
