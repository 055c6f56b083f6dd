internal import ControlProtocol

/// What the daemon said at one moment.
struct TopSample {
    /// The wall clock.
    var time: Timestamp
    /// The monotonic clock, in nanoseconds.
    var moment: Int64
    var version: VersionReport
    var status: StatusReport
    var routes: [RouteStatus]

    /// Whether both are of the same run of the daemon, so that counters can be compared.
    func isSameRun(as other: TopSample) -> Bool {
        version.processID == other.version.processID
            && version.startTime == other.version.startTime
    }
}

/// How fast counters grow, by the second.
struct TopRate: Equatable {
    var sent: Double = 0
    var received: Double = 0
    var discarded: Double = 0
    var failed: Double = 0

    static func + (one: TopRate, other: TopRate) -> TopRate {
        TopRate(
            sent: one.sent + other.sent, received: one.received + other.received,
            discarded: one.discarded + other.discarded, failed: one.failed + other.failed)
    }
}

/// How late something was between two moments; bounds of a histogram's classes.
struct TopLateness: Equatable, Encodable {
    var count: UInt64
    var median: Int64
    var percentile99: Int64
    var maximum: Int64

    private enum CodingKeys: String, CodingKey {
        case count
        case median = "p50"
        case percentile99 = "p99"
        case maximum
    }

    /// What has been added to a histogram; nil when nothing has.
    init?(from before: LatenessStatus?, to now: LatenessStatus) {
        let previous = before.map { $0.count <= now.count ? $0 : nil } ?? nil
        let counts = now.buckets.enumerated().map { place, bucket in
            let old = previous.flatMap { place < $0.buckets.count ? $0.buckets[place].count : nil }
            return bucket.count - min(old ?? 0, bucket.count)
        }
        count = counts.reduce(0, +)
        guard count > 0 else { return nil }
        let bound = { (perCent: UInt64, total: UInt64) in
            let rank = (total * perCent + 99) / 100
            var passed: UInt64 = 0
            for (place, count) in counts.enumerated() {
                passed += count
                if passed >= rank {
                    return min(now.buckets[place].upperBound ?? now.maximum, now.maximum)
                }
            }
            return now.maximum
        }
        median = bound(50, count)
        percentile99 = bound(99, count)
        let isNew = now.maximum > (previous?.maximum ?? 0)
        maximum = isNew ? now.maximum : bound(100, count)
    }
}

/// What has changed between two samples.
struct TopChange {
    /// In seconds.
    let span: Double
    /// By the name of the peer.
    let rates: [String: TopRate]
    /// Of all sessions, and of packets that belong to none.
    let total: TopRate
    let lostRate: Double
    let lateness: TopLateness?

    /// The change since a sample of the same run; since the daemon's start without one, and then
    /// no rates are known.
    init(from before: TopSample?, to now: TopSample) {
        let before = before.flatMap { $0.isSameRun(as: now) ? $0 : nil }
        lateness = now.status.punctuality.flatMap { punctuality in
            TopLateness(
                from: before?.status.punctuality?.transmitLateness,
                to: punctuality.transmitLateness)
        }
        guard let before, before.moment < now.moment else {
            (span, rates, total, lostRate) = (0, [:], TopRate(), 0)
            return
        }
        let span = Double(now.moment - before.moment) / 1e9
        let old = Dictionary(
            before.status.sessions.map { ($0.name, $0.statistics) },
            uniquingKeysWith: { first, _ in first })
        var rates: [String: TopRate] = [:]
        var total = TopRate()
        for session in now.status.sessions {
            guard let old = old[session.name], old.createTime == session.statistics.createTime
            else { continue }
            let rate = TopRate(from: old, to: session.statistics, span)
            rates[session.name] = rate
            total = total + rate
        }
        let strays = now.status.discards.values.reduce(0, +)
        total.discarded += strays.growth(from: before.status.discards.values.reduce(0, +), span)
        lostRate =
            (now.status.punctuality?.receiveDropCount ?? 0)
            .growth(from: before.status.punctuality?.receiveDropCount ?? 0, span)
        (self.span, self.rates, self.total) = (span, rates, total)
    }
}

extension TopRate {
    fileprivate init(
        from old: SessionStatistics, to now: SessionStatistics, _ span: Double
    ) {
        sent = now.sentPacketCount.growth(from: old.sentPacketCount, span)
        received = now.receivedPacketCount.growth(from: old.receivedPacketCount, span)
        discarded = now.invalidPacketCount.growth(from: old.invalidPacketCount, span)
        failed = now.failedPacketCount.growth(from: old.failedPacketCount, span)
    }
}

extension UInt64 {
    /// By how much it has grown a second.
    fileprivate func growth(from old: UInt64, _ span: Double) -> Double {
        self > old ? Double(self - old) / span : 0
    }
}
