internal import BFDCore
internal import BFDDriver
internal import ControlProtocol

extension DiscardCounters {
    /// The counts of the reasons that occurred.
    var byName: [String: UInt64] { DiscardReason.counted { count(of: $0) } }
}

extension SessionDiscardCounters {
    /// The counts of the reasons that occurred.
    var byName: [String: UInt64] { DiscardReason.counted { count(of: $0) } }
}

extension DiscardReason {
    fileprivate static func counted(_ count: (DiscardReason) -> UInt64) -> [String: UInt64] {
        var counts: [String: UInt64] = [:]
        for reason in allCases where count(reason) > 0 { counts["\(reason.name)"] = count(reason) }
        return counts
    }
}

extension PunctualityStatus {
    init(_ punctuality: Punctuality) {
        self.init(
            receiveDropCount: punctuality.receiveDropCount,
            transmitLateness: LatenessStatus(punctuality.transmitLateness),
            detectionOvershoot: LatenessStatus(punctuality.detectionOvershoot))
    }

    init(_ session: Session) {
        self.init(
            receiveDropCount: nil,
            transmitLateness: LatenessStatus(session.counters.transmitLateness),
            detectionOvershoot: LatenessStatus(session.counters.detectionOvershoot))
    }
}

extension LatenessStatus {
    init(_ histogram: LatenessHistogram) {
        self.init(
            count: histogram.count, sum: histogram.sum.count,
            median: histogram.quantile(perMille: 500).count,
            percentile99: histogram.quantile(perMille: 990).count,
            maximum: histogram.maximum.count,
            buckets: (0..<LatenessHistogram.classCount).map { number in
                Bucket(
                    upperBound: LatenessHistogram.upperBound(ofClass: number)?.count,
                    count: UInt64(histogram.count(ofClass: number)))
            })
    }
}
