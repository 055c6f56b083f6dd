/// What happened in a session so far (RFC 9314 `session-statistics`). Counters only grow.
public struct SessionStatistics: Codable, Sendable, Hashable {
    /// When the session was made.
    public var createTime: Timestamp
    /// When it last left Up; nil if it never did.
    public var lastDownTime: Timestamp?
    /// When it last came Up; nil if it never did.
    public var lastUpTime: Timestamp?
    /// How often it left Up for Down.
    public var downCount: UInt64
    /// How often it went AdminDown.
    public var administrativelyDownCount: UInt64
    /// Packets accepted.
    public var receivedPacketCount: UInt64
    /// Packets sent.
    public var sentPacketCount: UInt64
    /// Packets discarded as invalid.
    public var invalidPacketCount: UInt64
    /// Packets the kernel did not take.
    public var failedPacketCount: UInt64

    /// Statistics by their parts.
    public init(
        createTime: Timestamp, lastDownTime: Timestamp?, lastUpTime: Timestamp?,
        downCount: UInt64, administrativelyDownCount: UInt64, receivedPacketCount: UInt64,
        sentPacketCount: UInt64, invalidPacketCount: UInt64, failedPacketCount: UInt64
    ) {
        self.createTime = createTime
        self.lastDownTime = lastDownTime
        self.lastUpTime = lastUpTime
        self.downCount = downCount
        self.administrativelyDownCount = administrativelyDownCount
        self.receivedPacketCount = receivedPacketCount
        self.sentPacketCount = sentPacketCount
        self.invalidPacketCount = invalidPacketCount
        self.failedPacketCount = failedPacketCount
    }

    private enum CodingKeys: String, CodingKey {
        case createTime = "create-time"
        case lastDownTime = "last-down-time"
        case lastUpTime = "last-up-time"
        case downCount = "down-count"
        case administrativelyDownCount = "admin-down-count"
        case receivedPacketCount = "receive-packet-count"
        case sentPacketCount = "send-packet-count"
        case invalidPacketCount = "receive-invalid-packet-count"
        case failedPacketCount = "send-failed-packet-count"
    }
}
