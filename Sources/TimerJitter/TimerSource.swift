/// What wakes a program at a deadline.
public enum TimerSource: String, Sendable, CaseIterable {
    /// A timer of libev, which waits in whole milliseconds.
    case evTimer = "ev_timer"
    /// The timeout of `epoll_wait`, in whole milliseconds, too.
    case epoll
    /// A timerfd that a libev loop watches.
    case timerfd
    /// The same, armed at the next deadline of a BFD engine that sends packets.
    case engine
}

/// One thing to measure: who is woken, how it is scheduled, and what else the machine does.
public struct JitterCell: Sendable {
    /// What wakes.
    public var source: TimerSource
    /// SCHED_FIFO priority 1 to 99; 0 for a thread like any other.
    public var priority: Int32
    /// Whether every core is busy with something else.
    public var isLoaded: Bool
    /// The span between deadlines, in nanoseconds.
    public var interval: Int64
    /// The sessions of the engine.
    public var sessionCount: Int
    /// How long to measure, in nanoseconds.
    public var duration: Int64

    /// A cell by its values.
    public init(
        source: TimerSource, priority: Int32, isLoaded: Bool, interval: Int64,
        sessionCount: Int, duration: Int64
    ) {
        self.source = source
        self.priority = priority
        self.isLoaded = isLoaded
        self.interval = interval
        self.sessionCount = sessionCount
        self.duration = duration
    }
}
