internal import CLinux
internal import Glibc

/// A thread of its own, for a loop that runs as long as the process serves.
@safe
public struct SystemThread: ~Copyable, Sendable {
    private let raw: pthread_t

    private final class Start {
        let name: String
        let body: () -> Void

        init(name: String, body: @escaping () -> Void) {
            self.name = name
            self.body = body
        }
    }

    /// Starts a thread that blocks all signals and runs `body` once.
    ///
    /// `name` is what `top -H` shows, 15 octets at most.
    public static func start(
        name: String, stackByteCount: Int = 1 << 20, body: sending @escaping () -> Void
    ) throws(SystemError) -> SystemThread {
        let start = Start(name: name, body: body)
        let context = unsafe Unmanaged.passRetained(start)
        var attributes = pthread_attr_t()
        unsafe pthread_attr_init(&attributes)
        unsafe pthread_attr_setstacksize(&attributes, stackByteCount)
        defer { _ = unsafe pthread_attr_destroy(&attributes) }
        var raw = pthread_t()
        // Inherited: no signal of the process comes to the thread before it has begun.
        var all = sigset_t()
        var former = sigset_t()
        unsafe sigfillset(&all)
        unsafe pthread_sigmask(SIG_SETMASK, &all, &former)
        defer { _ = unsafe pthread_sigmask(SIG_SETMASK, &former, nil) }
        let result = unsafe pthread_create(
            &raw, &attributes,
            { context in
                guard let context = unsafe context else { return nil }
                let start = unsafe Unmanaged<Start>.fromOpaque(context).takeRetainedValue()
                _ = unsafe gw_set_thread_name(start.name)
                start.body()
                return nil
            }, unsafe context.toOpaque())
        guard result == 0 else {
            unsafe context.release()
            throw SystemError(operation: "pthread_create", errno: Errno(rawValue: result))
        }
        return SystemThread(raw: raw)
    }

    private init(raw: pthread_t) {
        self.raw = raw
    }

    /// Lets the thread go when its body returns, with nobody waiting for it.
    public consuming func detach() {
        _ = pthread_detach(raw)
    }

    /// Waits until the thread's body has returned.
    public consuming func join() {
        _ = pthread_join(raw, nil)
    }
}

/// What a thread may ask of the scheduler; each answers with the kernel's refusal, if any.
public enum Scheduling {
    /// SCHED_FIFO with a priority of 1 to 99 for the calling thread, and for none that it starts; 0
    /// for ordinary scheduling.
    public static func setRealTimePriority(_ priority: Int32) throws(SystemError) {
        try SystemError.check(gw_set_real_time_priority(priority), "SCHED_FIFO \(priority)")
    }

    /// Lets threads of the process have any real-time priority, so that another one takes no
    /// capability from then on.
    public static func unlimitRealTimePriority() throws(SystemError) {
        try SystemError.check(gw_unlimit_real_time_priority(), "setrlimit")
    }

    /// Has the calling thread, and those it starts, give way to threads that are less nice.
    public static func yieldToOthers(niceness: Int32) {
        _ = gw_set_niceness(niceness)
    }

    /// Keeps the calling thread on one processor.
    public static func setAffinity(processor: Int32) throws(SystemError) {
        try SystemError.check(gw_set_affinity(processor), "affinity to processor \(processor)")
    }

    /// Lets the calling thread run on any processor.
    public static func clearAffinity() throws(SystemError) {
        try SystemError.check(gw_set_affinity(-1), "affinity to all processors")
    }

    /// Lets the process's pages leave memory again.
    public static func unlockMemory() throws(SystemError) {
        try SystemError.check(gw_unlock_memory(), "munlockall")
    }

    /// Keeps the process's pages in memory once they have been touched.
    public static func lockMemory() throws(SystemError) {
        try SystemError.check(gw_lock_memory(), "mlockall")
    }

    /// Lets the calling thread's timers fire without being gathered with others.
    public static func setTimerSlack(nanoseconds: UInt) throws(SystemError) {
        try SystemError.check(gw_set_timer_slack(nanoseconds), "timer slack")
    }
}
