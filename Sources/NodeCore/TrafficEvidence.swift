/// A session of the daemon in a namespace, as far as its packets go.
public struct PeerTraffic: Sendable, Hashable {
    /// The peer's name.
    public var name: String
    /// The peer's address.
    public var address: String
    /// Whether the session is Up, or was taken down on purpose.
    public var isContent: Bool
    /// How many valid packets have been received.
    public var received: UInt64
    /// Why others were discarded, and how many.
    public var discards: [String: UInt64]

    /// Traffic by its parts.
    public init(
        name: String, address: String, isContent: Bool, received: UInt64,
        discards: [String: UInt64]
    ) {
        self.name = name
        self.address = address
        self.isContent = isContent
        self.received = received
        self.discards = discards
    }
}

extension NamespaceInterior {
    /// Judges what the daemon has counted, and who was seen to send while somebody watched.
    ///
    /// `senders` are addresses; nil when nobody watched. `strays` are discards before a session was
    /// found.
    public mutating func judge(
        _ sessions: [PeerTraffic], senders: Set<String>?, strays: [String: UInt64] = [:]
    ) {
        let known = Set(sessions.map(\.address))
        unknownPeer = (senders ?? []).subtracting(known).min()
        for session in sessions where !session.isContent {
            if let most = Self.most(session.discards), discarded == nil {
                discarded = DiscardedPackets(
                    peer: session.name, reason: most.key, count: most.value)
            }
            guard session.received == 0, session.discards.isEmpty, let senders else { continue }
            if !senders.contains(session.address) {
                silentPeer = silentPeer ?? session.name
            } else if discarded == nil {
                // They come to the link, and the session never gets them.
                let most = Self.most(strays)
                discarded = DiscardedPackets(
                    peer: session.name,
                    reason: most?.key ?? "a filter of this node keeps them from the daemon",
                    count: most?.value ?? 0)
            }
        }
    }

    private static func most(_ discards: [String: UInt64]) -> (key: String, value: UInt64)? {
        discards.max { ($0.value, $1.key) < ($1.value, $0.key) }
    }
}
