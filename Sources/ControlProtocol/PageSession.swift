public import BFDCore

/// One session as a line of the status page; names are those of `SessionStatus`, where it has them.
public struct PageSession: Codable, Sendable, Hashable {
    /// The peer's name.
    public var name: String
    /// The peer's address.
    public var destinationAddress: String
    /// The interface the session is bound to, where one is configured.
    public var interface: String?
    /// bfd.SessionState.
    public var localState: SessionStateName
    /// bfd.RemoteSessionState.
    public var remoteState: SessionStateName
    /// Since when it has been up, or not up.
    public var since: Timestamp
    /// The interval at which we send; 0 while we send nothing.
    public var negotiatedTxInterval: Microseconds
    /// The interval at which the peer is expected to send; 0 before its first packet.
    public var negotiatedRxInterval: Microseconds
    /// The peer's Detect Mult; 0 before its first packet.
    public var remoteMultiplier: UInt8
    /// The detection time in microseconds; 0 before the peer's first packet.
    public var detectionTimeMicroseconds: UInt64
    /// How loss is noticed.
    public var detectionMode: DetectionMode
    /// How often it left Up for Down.
    public var downCount: UInt64
    /// Packets of the session that were discarded.
    public var discardCount: UInt64
    /// Whether what is heard from the peer is authenticated.
    public var isRemoteAuthenticated: Bool
    /// Why it last changed state, for people.
    public var lastCause: String?
    /// Prefixes of the routes that hold a next hop through this peer.
    public var routes: [String]

    /// The line of a session.
    public init(_ session: SessionStatus) {
        name = session.name
        destinationAddress = session.destinationAddress
        interface = session.interface
        localState = session.running.localState
        remoteState = session.running.remoteState
        let statistics = session.statistics
        let changes = [statistics.lastUpTime, statistics.lastDownTime].compactMap(\.self)
        since = changes.max() ?? statistics.createTime
        negotiatedTxInterval = session.running.negotiatedTxInterval
        negotiatedRxInterval = session.running.negotiatedRxInterval
        remoteMultiplier = session.remoteMultiplier
        detectionTimeMicroseconds = session.running.detectionTimeMicroseconds
        detectionMode = session.running.detectionMode
        downCount = statistics.downCount
        discardCount = session.discards.values.reduce(0, &+)
        isRemoteAuthenticated = session.running.isRemoteAuthenticated
        lastCause = session.lastCause
        routes = session.routes
    }

    private enum CodingKeys: String, CodingKey {
        case name
        case destinationAddress = "dest-addr"
        case interface
        case localState = "local-state"
        case remoteState = "remote-state"
        case since
        case negotiatedTxInterval = "negotiated-tx-interval"
        case negotiatedRxInterval = "negotiated-rx-interval"
        case remoteMultiplier = "remote-multiplier"
        case detectionTimeMicroseconds = "detection-time"
        case detectionMode = "detection-mode"
        case downCount = "down-count"
        case discardCount = "discard-count"
        case isRemoteAuthenticated = "remote-authenticated"
        case lastCause = "last-cause"
        case routes
    }
}
