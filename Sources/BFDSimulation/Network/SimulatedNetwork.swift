internal import BFDCore

/// A datagram under way.
struct Flight: Sendable, BitwiseCopyable {
    var arrival: Instant
    /// Orders flights that arrive at one moment.
    var order: UInt64
    var sentAt: Instant
    /// The end that is to receive it.
    var end: Int
    var isForged: Bool
    var datagram: Datagram
}

/// All links: two ends each, 2k and 2k + 1, and a direction for each sending end.
struct SimulatedNetwork {
    /// By sending end.
    private(set) var conditions: [LinkConditions]
    private var latestArrivals: [Instant]
    private var flights = FlightQueue()
    private var draw: Draw
    private var order: UInt64 = 0

    init(endCount: Int, seed: UInt64) {
        conditions = [LinkConditions](repeating: LinkConditions(), count: endCount)
        latestArrivals = [Instant](repeating: Instant(nanoseconds: .min), count: endCount)
        draw = Draw(seed: seed)
    }

    mutating func set(_ new: LinkConditions, from end: Int) {
        conditions[end] = new
    }

    /// Takes a packet; `false` when it is lost.
    mutating func send(_ datagram: Datagram, from end: Int, at now: Instant) -> Bool {
        let direction = conditions[end]
        if direction.isCut || draw.chance(perMille: direction.lossPerMille) { return false }
        var arriving = datagram
        if draw.chance(perMille: direction.corruptPerMille) { arriving.damage(&draw) }
        // Bits may have been turned over and back.
        let isForged = !(arriving == datagram)
        launch(arriving, from: end, at: now, isForged)
        if draw.chance(perMille: direction.duplicatePerMille) {
            launch(arriving, from: end, at: now, isForged)
        }
        return true
    }

    var nextArrival: Instant { flights.first?.arrival ?? .distantFuture }

    /// The next flight that has arrived by `now`.
    mutating func land(at now: Instant) -> Flight? {
        guard let first = flights.first, first.arrival <= now else { return nil }
        return flights.popFirst()
    }

    private mutating func launch(
        _ datagram: Datagram, from end: Int, at now: Instant, _ isForged: Bool
    ) {
        let direction = conditions[end]
        var arrival = now + direction.delay + draw.span(upTo: direction.jitter)
        if draw.chance(perMille: direction.reorderPerMille) {
            let usual = direction.delay + direction.jitter
            arrival = arrival + draw.span(upTo: usual * 2 + .milliseconds(3))
        } else {
            if arrival < latestArrivals[end] { arrival = latestArrivals[end] }
            latestArrivals[end] = arrival
        }
        order &+= 1
        flights.insert(
            Flight(
                arrival: arrival, order: order, sentAt: now, end: end ^ 1, isForged: isForged,
                datagram: datagram))
    }
}
