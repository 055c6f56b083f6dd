/// The three numbers that a BFD end is configured with; intervals in microseconds.
public struct TimerTriple: Sendable, Hashable {
    /// What it is called, such as a peer's name.
    public var name: String
    /// How often the end would like to send.
    public var minTx: Int64
    /// How often it is willing to receive.
    public var minRx: Int64
    /// How many of its packets the other end may miss; may be more than the protocol can say.
    public var multiplier: Int64

    /// Timers by their values.
    public init(name: String, minTx: Int64, minRx: Int64, multiplier: Int64) {
        self.name = name
        self.minTx = minTx
        self.minRx = minRx
        self.multiplier = multiplier
    }

    /// A row of OVN's, whose intervals are in milliseconds; what no packet can say counts as the
    /// nearest that one can.
    public init(_ row: OVNBFDRow) {
        let (minTx, minRx) = (Self.microseconds(row.minTx), Self.microseconds(row.minRx))
        self.init(
            name: "OVN (\(row.title))", minTx: minTx, minRx: minRx,
            multiplier: Int64(row.detectMultiplier))
    }

    private static func microseconds(_ milliseconds: Int) -> Int64 {
        Int64(min(max(milliseconds, 0), 4_294_967)) * 1_000
    }

    /// A triple as Kube-OVN's options have it: `detect-mult/min_rx/min_tx`, in milliseconds.
    public init?(kubeOVN text: String) {
        let numbers = text.split(separator: "/").map { Int64($0) }
        guard numbers.count == 3, let multiplier = numbers[0], let minRx = numbers[1],
            let minTx = numbers[2], multiplier >= 0, (0...4_294_967).contains(minRx),
            (0...4_294_967).contains(minTx)
        else { return nil }
        self.init(
            name: "OVN (\(text))", minTx: minTx * 1_000, minRx: minRx * 1_000,
            multiplier: multiplier)
    }

    /// What `bfdd-beacon` has in `ovnext`, where Kube-OVN starts it without any timers.
    public static let beacon = TimerTriple(
        name: "bfdd-beacon of Kube-OVN", minTx: 1_000_000, minRx: 1_000_000, multiplier: 3)
}

/// What two ends agree on, as the sum it is (RFC 5880 §6.8.4).
public struct Negotiation: Sendable, Hashable {
    /// The end that waits.
    public let receiver: TimerTriple
    /// The end that sends.
    public let sender: TimerTriple

    /// The detection time of one end for another.
    public init(of receiver: TimerTriple, for sender: TimerTriple) {
        self.receiver = receiver
        self.sender = sender
    }

    /// How often the sender sends: what is slower of what it wants and what the receiver takes.
    public var interval: Int64 { max(sender.minTx, receiver.minRx) }

    /// How long silence may last, in microseconds.
    public var detectionTime: Int64 {
        let (product, isTooLong) = sender.multiplier.multipliedReportingOverflow(by: interval)
        return isTooLong ? .max : product
    }

    /// The sum, such as `3 x max(100 ms sent, 50 ms taken) = 300 ms`.
    public var text: String {
        "\(receiver.name) gives \(sender.name) up after \(sender.multiplier) x max("
            + "\(Self.span(sender.minTx)) sent, \(Self.span(receiver.minRx)) taken) = "
            + Self.span(detectionTime)
    }

    /// A span as people read it.
    static func span(_ microseconds: Int64) -> String {
        if microseconds > 0, microseconds.isMultiple(of: 1_000_000) {
            return "\(microseconds / 1_000_000) s"
        }
        return microseconds.isMultiple(of: 1_000)
            ? "\(microseconds / 1_000) ms" : "\(microseconds) µs"
    }
}

/// How late this node was at worst.
public struct NodeLateness: Sendable, Hashable {
    /// In nanoseconds.
    public var worst: Int64
    /// The SCHED_FIFO priority it was measured with; 0 for none.
    public var priority: Int32
    /// In how many wake-ups.
    public var wakeUpCount: Int

    /// A measurement by its parts.
    public init(worst: Int64, priority: Int32, wakeUpCount: Int) {
        self.worst = worst
        self.priority = priority
        self.wakeUpCount = wakeUpCount
    }
}
