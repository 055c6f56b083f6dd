/// A session a foreign implementation is told to keep.
public struct PeerLink: Sendable {
    /// The address the implementation speaks from.
    public let local: String
    /// The address it speaks to.
    public let remote: String
    /// Its interface towards the remote address.
    public let interface: String
    /// Whether routers may be in between.
    public let isMultihop: Bool

    /// A session from `local` on `interface` to `remote`.
    public init(local: String, remote: String, interface: String, isMultihop: Bool = false) {
        self.local = local
        self.remote = remote
        self.interface = interface
        self.isMultihop = isMultihop
    }
}

/// What both ends of a session ask for in milliseconds, and the detection multiplier.
public struct PeerTimers: Sendable, Equatable {
    /// Desired Min TX and Required Min RX.
    public var intervalMilliseconds: Int
    /// Detect Mult.
    public var multiplier: Int

    /// Timers with the same interval in both directions; the multiplier is so large that a busy
    /// machine fails no session by chance.
    public init(intervalMilliseconds: Int, multiplier: Int = 15) {
        self.intervalMilliseconds = intervalMilliseconds
        self.multiplier = multiplier
    }
}

/// A session as the foreign implementation sees it.
public struct PeerView: Sendable {
    /// The address at the other end.
    public let remote: String
    /// `up`, `down`, `init` or `admin-down`.
    public let state: String
    /// The diagnostic its own side gives, where it shows one.
    public let diagnostic: String?
    /// The diagnostic it last heard, where it shows one.
    public let remoteDiagnostic: String?
}

/// A foreign BFD implementation that runs in a namespace of a lab.
public protocol GatewayPeer: AnyObject {
    /// The sessions it keeps.
    var links: [PeerLink] { get }
    /// Starts it; at once after it was killed too.
    func start() async throws
    /// Ends it without a word to anybody; the wall-clock time just before.
    func kill9() async throws -> Int64
    /// Changes timers while it runs.
    func setTimers(_ timers: PeerTimers) async throws
    /// What it says of its sessions; empty while it cannot be asked.
    func view() throws -> [PeerView]
}

extension GatewayPeer {
    /// What it says of the session with `remote`.
    public func view(of remote: String) throws -> PeerView? {
        try view().first { $0.remote == remote }
    }

    /// Waits until all its sessions are in `state`.
    public func waitForAll(_ state: String, within seconds: Double = 30) async throws {
        try await eventually("every session of \(Self.self) is \(state)", within: seconds) {
            let seen = try view()
            return seen.count == links.count && seen.allSatisfy { $0.state == state }
        }
    }
}

/// The foreign implementations a lab can start.
public enum PeerKind: String, Sendable, CaseIterable, CustomStringConvertible {
    /// BIRD 2.
    case bird
    /// FRR's bfdd.
    case frr

    /// The implementation's own name.
    public var description: String {
        switch self {
        case .bird: "BIRD"
        case .frr: "FRR"
        }
    }

    /// A peer of this kind, not started yet.
    public func make(
        in lab: Lab, _ namespace: Namespace, links: [PeerLink], timers: PeerTimers
    ) throws -> any GatewayPeer {
        switch self {
        case .bird: try BirdPeer(in: lab, namespace, links: links, timers: timers)
        case .frr: try FrrPeer(in: lab, namespace, links: links, timers: timers)
        }
    }
}
