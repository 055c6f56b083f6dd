public import BFDCore

/// Everything a daemon is told: the contents of a configuration file, or the flags of `run`.
///
/// Values are valid as they are: names are unique, next hops name known peers, families agree.
public struct DaemonConfiguration: Sendable, Hashable {
    /// A namespace's name or path; nil for the one the daemon is started in.
    public var namespace: String?
    /// How long the start waits for a namespace that is not there yet.
    public var namespaceTimeout = Nanoseconds.seconds(60)
    /// The sessions to run, in the order of the file. Names are unique.
    public var peers: [Peer]
    /// The routes to keep, in the order of the file. Keys are unique.
    public var routes: [Route]
    /// Who may start sessions with us, in the order of the file; nobody when it is empty.
    public var unsolicited: [Unsolicited] = []
    /// Where the control socket is made.
    public var controlSocket: String
    /// Where discriminators are kept.
    public var stateDirectory: String
    /// What happens to routes at an orderly stop.
    public var stopRoutes: StopRoutes
    /// For how long AdminDown is sent at an orderly stop.
    public var stopHold: Nanoseconds
    /// Whether next-hop objects are used where the kernel has them.
    public var usesNextHopObjects: Bool
    /// Names of links that are never changed, beside those that NetworkManager manages; `*` stands
    /// for any characters, `?` for one.
    public var protectedLinks: [String] = []
    /// Where metrics and health are served; nil for nowhere.
    public var metrics: Metrics?
    /// Scheduling of the engine thread.
    public var realTime: RealTime
    /// What is logged, and how.
    public var log: Log

    /// A configuration of peers and routes, with the documented default for all the rest.
    public init(namespace: String? = nil, peers: [Peer], routes: [Route] = []) {
        self.namespace = namespace
        self.peers = peers
        self.routes = routes
        controlSocket = Self.defaultControlSocket
        stateDirectory = Self.defaultStateDirectory
        stopRoutes = .withdraw
        stopHold = .seconds(6)
        usesNextHopObjects = true
        realTime = RealTime()
        log = Log()
    }

    /// Where the control socket is unless told otherwise.
    public static var defaultControlSocket: String { "/run/gatewatch/control.sock" }
    /// Where state is kept unless told otherwise.
    public static var defaultStateDirectory: String { "/run/gatewatch" }
    /// How many peers a configuration may have.
    public static var maximumPeerCount: Int { 10_000 }
}

extension DaemonConfiguration {
    /// What happens to routes at an orderly stop.
    public enum StopRoutes: String, Sendable, Hashable, CaseIterable {
        /// They go before the sessions do.
        case withdraw
        /// They stay as they are.
        case keep
    }

    /// How the engine thread is scheduled.
    public struct RealTime: Sendable, Hashable {
        /// SCHED_FIFO priority, 1 to 99; 0 for ordinary scheduling.
        public var priority: Int = 0
        /// The processor the thread is pinned to; nil for any.
        public var processor: Int?
        /// Whether memory is locked, so that no page fault delays a packet.
        public var locksMemory = true
        /// How long before a deadline a thread waits awake; zero for not at all.
        public var spin = Microseconds(0)
        /// How long processors may take to wake up; nil for what the node allows.
        public var latency: Microseconds?
        /// How many threads share the sessions.
        public var threadCount = 1

        /// Ordinary scheduling on any processor, memory locked.
        public init() {}
    }

    /// What is logged, and how.
    public struct Log: Sendable, Hashable {
        /// The least severe level that is logged.
        public var level: LogLevel = .info
        /// How a line looks.
        public var format: LogFormat = .text

        /// Level `info`, as text.
        public init() {}
    }

    /// How severe a log line is; the names of swift-log.
    public enum LogLevel: String, Sendable, Hashable, CaseIterable {
        /// Every step.
        case trace
        /// What a developer looks for.
        case debug
        /// State changes and what an operator did.
        case info
        /// Normal, but worth a look.
        case notice
        /// Something is not as it should be.
        case warning
        /// Something does not work.
        case error
        /// Nothing works.
        case critical
    }

    /// How a log line looks.
    public enum LogFormat: String, Sendable, Hashable, CaseIterable {
        /// For people.
        case text
        /// One JSON object per line.
        case json
    }
}
