internal import Synchronization

/// A thread that may be waited for, by whoever shares it; let go when nobody does.
public final class JoinableThread: Sendable {
    private let thread: Mutex<SystemThread?>

    /// Takes over a thread that has been started.
    public init(_ thread: consuming sending SystemThread) {
        self.thread = Mutex(consume thread)
    }

    deinit {
        thread.withLock { thread in
            let last = thread.take()
            if let last { last.detach() }
        }
    }

    /// Waits until the thread's body has returned; not to be called by that thread.
    public func join() {
        thread.withLock { thread in
            let running = thread.take()
            if let running { running.join() }
        }
    }
}
