/// How late something happened, as a histogram; all spans in nanoseconds.
public struct LatenessStatus: Codable, Sendable, Hashable {
    /// A class of the histogram.
    public struct Bucket: Codable, Sendable, Hashable {
        /// What the class holds at most; nil for the last one, which holds all the rest.
        public var upperBound: Int64?
        /// How many it holds, those of the classes below not counted.
        public var count: UInt64

        /// A class by its parts.
        public init(upperBound: Int64?, count: UInt64) {
            self.upperBound = upperBound
            self.count = count
        }

        private enum CodingKeys: String, CodingKey {
            case upperBound = "upper-bound"
            case count
        }
    }

    /// How many there have been.
    public var count: UInt64
    /// The sum of all.
    public var sum: Int64
    /// What half of them were at most.
    public var median: Int64
    /// What 99 of a hundred were at most.
    public var percentile99: Int64
    /// The largest.
    public var maximum: Int64
    /// All classes, the smallest first.
    public var buckets: [Bucket]

    /// A histogram by its parts.
    public init(
        count: UInt64, sum: Int64, median: Int64, percentile99: Int64, maximum: Int64,
        buckets: [Bucket]
    ) {
        self.count = count
        self.sum = sum
        self.median = median
        self.percentile99 = percentile99
        self.maximum = maximum
        self.buckets = buckets
    }

    private enum CodingKeys: String, CodingKey {
        case count
        case sum
        case median = "p50"
        case percentile99 = "p99"
        case maximum
        case buckets
    }
}

/// How well the daemon keeps up with its packets; our own addition to RFC 9314.
public struct PunctualityStatus: Codable, Sendable, Hashable {
    /// Packets that found no room in the receive buffers; nil for one session.
    public var receiveDropCount: UInt64?
    /// How late periodic packets left.
    public var transmitLateness: LatenessStatus
    /// How long after the detection time silence was declared a failure.
    public var detectionOvershoot: LatenessStatus

    /// A status by its parts.
    public init(
        receiveDropCount: UInt64?, transmitLateness: LatenessStatus,
        detectionOvershoot: LatenessStatus
    ) {
        self.receiveDropCount = receiveDropCount
        self.transmitLateness = transmitLateness
        self.detectionOvershoot = detectionOvershoot
    }

    private enum CodingKeys: String, CodingKey {
        case receiveDropCount = "receive-queue-drop-count"
        case transmitLateness = "transmit-lateness"
        case detectionOvershoot = "detection-overshoot"
    }
}
