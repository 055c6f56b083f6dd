/// Answers `drain`, `undrain` and `drain-progress`.
public struct DrainReport: Codable, Sendable, Hashable {
    /// Whether routes are withdrawn and all sessions AdminDown on our side.
    public var isDrained: Bool
    /// Whether it was otherwise before.
    public var hasChanged: Bool
    /// How many sessions had a peer to tell.
    public var peerCount: Int
    /// How many of those peers are known to have moved.
    public var movedCount: Int
    /// Some of the peers that are waited for, at most twenty.
    public var waiting: [WaitingPeer]

    /// A peer that has not been seen to have moved yet.
    public struct WaitingPeer: Codable, Sendable, Hashable {
        /// Its name.
        public var name: String
        /// What it last said of its state.
        public var remoteState: SessionStateName
        /// How long it may take at most from now on, in milliseconds.
        public var remainingMilliseconds: Int64

        /// A peer by its parts.
        public init(name: String, remoteState: SessionStateName, remainingMilliseconds: Int64) {
            self.name = name
            self.remoteState = remoteState
            self.remainingMilliseconds = remainingMilliseconds
        }

        private enum CodingKeys: String, CodingKey {
            case name
            case remoteState = "remote-state"
            case remainingMilliseconds = "remaining-milliseconds"
        }
    }

    /// A report by its parts.
    public init(
        isDrained: Bool, hasChanged: Bool = false, peerCount: Int = 0, movedCount: Int = 0,
        waiting: [WaitingPeer] = []
    ) {
        self.isDrained = isDrained
        self.hasChanged = hasChanged
        self.peerCount = peerCount
        self.movedCount = movedCount
        self.waiting = waiting
    }

    /// Whether every peer has moved.
    public var isOver: Bool { movedCount >= peerCount }

    private enum CodingKeys: String, CodingKey {
        case isDrained = "drained"
        case hasChanged = "changed"
        case peerCount = "number-of-peers"
        case movedCount = "number-of-peers-moved"
        case waiting
    }
}
