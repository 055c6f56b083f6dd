public import BFDAuthentication
public import BFDCore
public import BFDDriver
public import LinuxSystem
public import RouteController

/// A peer to keep a session with.
public struct PeerConfiguration: Sendable {
    /// A name of the caller's choice, unique among its peers.
    public var name: String
    /// The session; the path's interface index is found by the library.
    public var session: SessionConfiguration
    /// The interface the session is bound to; `nil` for none.
    public var interface: String?
    /// What the session authenticates with; `nil` for nothing.
    public var keyChain: KeyChain?
    /// The authentication sequence number that a previous run had come to, where it was kept.
    ///
    /// Ours go on after it; `nil` for a random one.
    public var transmitSequence: UInt32?
    /// What a previous run had kept of its session with `Gatewatch.keep(in:)`, if it is not older
    /// than the peer's detection time; `nil` begins anew.
    public var kept: KeptSession?
    /// TOS or traffic class octet of its packets: that of the data whose path is watched.
    public var trafficClass: UInt8
    /// What the peer's client, its routes included, is told of failures.
    public var policy: ClientPolicy
    /// Where its Echo packets say they come from; `nil` for the session's own address.
    public var echoSource: IPAddress?
    /// Whether the path is down while the link of its interface is (RFC 5880 §6.8.16).
    public var followsLink: Bool

    /// A peer by its values; CS6 is what routers give control traffic.
    public init(
        name: String, session: SessionConfiguration, interface: String? = nil,
        keyChain: KeyChain? = nil, trafficClass: UInt8 = 0xc0,
        policy: ClientPolicy = ClientPolicy(),
        followsLink: Bool = false
    ) {
        self.keyChain = keyChain
        self.name = name
        self.session = session
        self.interface = interface
        self.trafficClass = trafficClass
        self.policy = policy
        self.followsLink = followsLink
    }
}

/// How to run sessions and routes.
public struct GatewatchConfiguration: Sendable {
    /// The path of the network namespace where sessions and routes live; `nil` for the caller's.
    public var namespacePath: String?
    /// How many sessions there may be, those being removed included.
    public var sessionCapacity: Int
    /// What the engine thread asks of the scheduler.
    public var realTime: RealTimeSettings
    /// Seeds jitter and discriminators; must differ from run to run.
    public var seed: UInt64
    /// The routes to keep.
    public var routes: [RouteConfiguration]
    /// How routes are kept.
    public var routeOptions: RouteControllerOptions
    /// Who may start sessions with us (RFC 9468); nobody unless told otherwise.
    public var unsolicited: [UnsolicitedPeers] = []
    /// Whether to tell what peers' clients are told (`Event.client`), beside what sessions do.
    public var tellsClients = true
    /// The rights that the threads keep once they have started; `nil` for those of the caller.
    public var keptCapabilities: KeptCapabilities?
    /// What another process has handed over; `nil` begins anew.
    ///
    /// Its sessions go on for the peers that are added with the same paths. Nothing is sent and
    /// read before `Gatewatch.finishTakeOver()`.
    public var handover: EngineHandover?
    /// Where receiving sockets come from that an earlier process has left, and stay for the next
    /// one; `nil` for nowhere.
    ///
    /// What waits in them is read from `Gatewatch.hear()` on.
    public var store: SocketStore?

    /// A configuration by its values.
    public init(
        namespacePath: String? = nil, sessionCapacity: Int = 64,
        realTime: RealTimeSettings = RealTimeSettings(), seed: UInt64,
        routes: [RouteConfiguration] = [],
        routeOptions: RouteControllerOptions = RouteControllerOptions()
    ) {
        self.namespacePath = namespacePath
        self.sessionCapacity = sessionCapacity
        self.realTime = realTime
        self.seed = seed
        self.routes = routes
        self.routeOptions = routeOptions
    }
}
