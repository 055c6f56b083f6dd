/// Why the connection of a client was ended before the client ended it.
public enum ClientEnd: String, Codable, Sendable, Hashable, CaseIterable {
    /// Asked nothing for a while.
    case idle
    /// Began a request and did not finish it.
    case unfinishedRequest = "unfinished-request"
    /// Did not read what it had asked for.
    case slowReader = "slow-reader"
    /// Made room for others, or found none.
    case crowded
    /// Its user may not ask.
    case forbidden
}

/// The clients of the control socket and of the metrics port.
public struct ClientsStatus: Codable, Sendable, Hashable {
    /// How many are connected.
    public var count: Int
    /// How many connections were ended, by reason; only reasons that occurred.
    public var ended: [String: UInt64]

    /// A status by its parts.
    public init(count: Int = 0, ended: [String: UInt64] = [:]) {
        self.count = count
        self.ended = ended
    }
}
