public import BFDAuthentication
public import BFDCore
public import LinuxSystem

/// Names a peer across threads for as long as it is configured.
public struct PeerID: Sendable, Hashable {
    /// A number the caller chose.
    public let rawValue: Int

    /// A name by its number.
    public init(rawValue: Int) {
        self.rawValue = rawValue
    }
}

/// What the engine thread asks of the scheduler.
public struct RealTimeSettings: Sendable, Hashable {
    /// SCHED_FIFO priority 1 to 99; 0 leaves the thread as it is.
    public var priority: Int32
    /// The processor to stay on; `nil` for any.
    public var processor: Int32?
    /// Whether the process keeps its pages in memory.
    public var locksMemory: Bool
    /// How long before a deadline the thread wakes up and waits awake, at most a millisecond.
    ///
    /// It buys what the kernel is late by, some tens of microseconds, with processor time.
    public var spin: Nanoseconds
    /// How long processors may take to wake up from sleep, in whole microseconds; `nil` for what
    /// the node allows.
    ///
    /// It holds for all processors of the node, and costs the power that deeper sleep would save.
    public var latency: Nanoseconds?
    /// How many threads share the sessions.
    public var threadCount: Int

    /// Settings by their values.
    public init(
        priority: Int32 = 0, processor: Int32? = nil, locksMemory: Bool = true,
        spin: Nanoseconds = .zero, latency: Nanoseconds? = nil, threadCount: Int = 1
    ) {
        self.priority = priority
        self.processor = processor
        self.locksMemory = locksMemory
        self.spin = spin
        self.latency = latency
        self.threadCount = threadCount
    }
}

/// Peers that may start sessions with us (RFC 9468).
public struct UnsolicitedPeers: Sendable {
    /// Who, and what their sessions are like; the interface index is found by the driver.
    public var template: UnsolicitedTemplate
    /// The interface they must come by; `nil` for any.
    public var interface: String?
    /// What their sessions authenticate with; `nil` for nothing.
    public var keyChain: KeyChain?

    /// Peers by their values.
    public init(
        template: UnsolicitedTemplate, interface: String? = nil, keyChain: KeyChain? = nil
    ) {
        self.template = template
        self.interface = interface
        self.keyChain = keyChain
    }
}

/// How to run an engine.
public struct DriverConfiguration: Sendable {
    /// How many sessions there may be.
    public var sessionCapacity: Int
    /// The path of the network namespace to enter; `nil` for that of the calling thread.
    public var namespacePath: String?
    /// The namespace itself, for threads that must be in the same one whatever has the path by now.
    public var namespace: SharedNamespace?
    /// What to ask of the scheduler.
    public var realTime: RealTimeSettings
    /// Seeds jitter and discriminators.
    public var seed: UInt64
    /// Who may start sessions with us; nobody unless told otherwise.
    public var unsolicited: [UnsolicitedPeers] = []
    /// The rights that the thread keeps once it has started; `nil` for those it has then.
    public var keptCapabilities: KeptCapabilities?
    /// What another process hands over: its sockets, and the sessions that have the paths of those
    /// that are added; `nil` begins anew.
    public var handover: EngineHandover?
    /// Where receiving sockets come from that an earlier process has left, and stay for the next
    /// one; `nil` for nowhere. What an earlier one has left is read from `hear()` on.
    public var store: SocketStore?
    /// Which of several threads this is.
    var share = EngineShare()
    /// Whether the caller's loop says when the engine works.
    var isDriven = false

    /// A configuration by its values.
    public init(
        sessionCapacity: Int, namespacePath: String?, realTime: RealTimeSettings, seed: UInt64
    ) {
        self.sessionCapacity = sessionCapacity
        self.namespacePath = namespacePath
        self.realTime = realTime
        self.seed = seed
    }
}

/// A session to run.
public struct DriverSession: Sendable {
    /// Its name in all messages.
    public var peer: PeerID
    /// What the engine needs to know; the interface index is found by the driver.
    public var configuration: SessionConfiguration
    /// The interface the session is bound to; `nil` for none.
    public var interface: String?
    /// TOS or traffic class octet of its packets.
    public var trafficClass: UInt8
    /// What the session authenticates with; `nil` for nothing.
    public var keyChain: KeyChain?
    /// Where its Echo packets say they come from; `nil` for the session's own address.
    public var echoSource: IPAddress?
    /// The authentication sequence number to go on after; `nil` for a random one.
    public var transmitSequence: UInt32?
    /// What was kept of it by a process that was killed since; `nil` begins anew.
    public var kept: KeptSession?

    /// A session by its values; CS6 is what routers give control traffic.
    public init(
        peer: PeerID, configuration: SessionConfiguration, interface: String?,
        trafficClass: UInt8 = 0xc0, keyChain: KeyChain? = nil, transmitSequence: UInt32? = nil
    ) {
        self.transmitSequence = transmitSequence
        self.keyChain = keyChain
        self.peer = peer
        self.configuration = configuration
        self.interface = interface
        self.trafficClass = trafficClass
    }
}

/// Why a driver could not start, or a session not be added.
public enum DriverError: Error, Sendable {
    /// The network namespace could not be entered.
    case namespace(NetworkNamespaceError)
    /// The kernel refused something.
    case system(SystemError)
    /// The engine refused the session.
    case engine(EngineError)
    /// The engine thread did not answer in time.
    case notResponding
    /// The engine thread has not come to what it was asked before; nothing has changed.
    case busy
    /// Sessions on several threads cannot be handed over.
    case handoverOfSeveralThreads
}

/// What the engine thread tells the world.
public enum DriverEvent: Sendable {
    /// A session changed its state.
    case stateChanged(PeerID, StateChange)
    /// A removed session has told its peer, and is gone.
    case removed(PeerID)
    /// A peer has started a session, under a name of the engine thread's own choice.
    ///
    /// Kept apart, for it is long and rare: all others are as long as the longest.
    indirect case created(PeerID, SessionConfiguration, interface: String?, KeyChain?)
    /// Something works less well than asked for, said once.
    case warning(String)
}

/// A session as it stood at one moment.
public struct SessionSnapshot: Sendable {
    /// Whose it is.
    public let peer: PeerID
    /// Its variables.
    public let session: Session
    /// The address of ours that the peer sends to, where none is configured.
    public var learnedSource: IPAddress?
    /// The interface it is bound to; `nil` for none.
    public let interface: String?
    /// The UDP port its packets come from; `nil` while it has no socket.
    public let sourcePort: UInt16?
    /// Why the last packet could not be sent; `nil` when it could.
    public let sendFailure: String?
    /// What the session authenticates with; `nil` for nothing.
    public let authenticationType: AuthenticationType?
    /// bfd.XmitAuthSeq, the last number sent; `nil` where packets have none.
    public let transmitSequence: UInt32?
    /// The secrets of the template that a peer's session was made from, if it has any.
    public let templateKeyChain: KeyChain?
}

/// How well the packet path keeps up, over all sessions that there have been.
public struct Punctuality: Sendable {
    /// Packets that found no room in our receive buffers.
    public internal(set) var receiveDropCount: UInt64
    /// How late periodic packets left.
    public internal(set) var transmitLateness: LatenessHistogram
    /// How long after the detection time silence was declared a failure.
    public internal(set) var detectionOvershoot: LatenessHistogram

    /// Adds those of another thread.
    mutating func add(_ other: Punctuality) {
        receiveDropCount += other.receiveDropCount
        transmitLateness.add(other.transmitLateness)
        detectionOvershoot.add(other.detectionOvershoot)
    }
}

/// All sessions, each as it stood at a moment shortly before.
public struct DriverSnapshot: Sendable {
    /// The sessions, in no order.
    public internal(set) var sessions: [SessionSnapshot]
    /// What was dropped before a session had been selected.
    public internal(set) var discards: DiscardCounters
    /// How well the packet path keeps up.
    public internal(set) var punctuality: Punctuality
    /// Packets that were discarded lately, one for each sender and reason at most.
    public internal(set) var samples: [DiscardSample]
    /// The present, for reading the moments above.
    public let now: Instant
}
