internal import CEv
public import LinuxSystem

/// A libev loop, confined to the thread that runs it.
///
/// Watchers are made for a loop, act in its thread, and stop when they are released.
@safe
public final class EventLoop {
    let raw: OpaquePointer
    /// What the watchers watch, for a loop that another one runs; `nil` for one that waits itself.
    let descriptors: DescriptorSet?

    /// Makes a loop of its own, on epoll; one that `isNested` is run by another one.
    public init(isNested: Bool = false) throws(SystemError) {
        descriptors = isNested ? try DescriptorSet() : nil
        guard let made = unsafe ev_loop_new(gw_loop_flags) else {
            throw SystemError(operation: "ev_loop_new", errno: .outOfMemory)
        }
        unsafe raw = made
    }

    deinit {
        unsafe ev_loop_destroy(raw)
    }

    /// Of a nested loop: readable when `runOnce(waiting: false)` is due; `nil` for others.
    public var descriptor: Int32? { descriptors?.descriptor }

    /// Serves watchers until `stop()`, or until none is left.
    public func run() {
        _ = unsafe ev_run(raw, 0)
    }

    /// Serves what is ready now; `waiting` waits for something first.
    public func runOnce(waiting: Bool) {
        _ = unsafe ev_run(raw, waiting ? gw_run_once : gw_run_nowait)
    }

    /// Makes `run()` return after the watchers that are being served. Only from the loop's thread.
    public func stop() {
        unsafe ev_break(raw, gw_break_all)
    }
}
