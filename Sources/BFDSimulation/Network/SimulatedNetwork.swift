internal import BFDCore

/// What becomes of a datagram at the other end.
enum Way: Sendable, BitwiseCopyable {
    /// It is read there.
    case direct
    /// It is sent back: a Control packet, or an Echo packet.
    case looped
    /// It is on its way back.
    case returning
}

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
    var way = Way.direct
    /// What it was sent as, on both ways.
    var fingerprint: UInt64 = 0
    /// TTL or hop limit as it arrives.
    var hopLimit: UInt8 = 255
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
    mutating func send(
        _ datagram: Datagram, _ way: Way = .direct, from end: Int, at now: Instant
    ) -> Bool {
        let first = Flight(
            arrival: now, order: 0, sentAt: now, end: end ^ 1, isForged: false, datagram: datagram,
            way: way, fingerprint: datagram.fingerprint)
        return send(first, from: end, at: now)
    }

    /// Sends back what arrived at an end; its way out counts from when it first left.
    mutating func reflect(_ flight: Flight, at now: Instant) -> Bool {
        var back = flight
        back.way = .returning
        back.end = flight.end ^ 1
        return send(back, from: flight.end, at: now)
    }

    private mutating func send(_ flight: Flight, from end: Int, at now: Instant) -> Bool {
        let direction = conditions[end]
        if direction.isCut || draw.chance(perMille: direction.lossPerMille) { return false }
        var arriving = flight
        if draw.chance(perMille: direction.corruptPerMille) { arriving.datagram.damage(&draw) }
        // Bits may have been turned over and back.
        arriving.isForged = arriving.datagram.fingerprint != flight.fingerprint
        arriving.hopLimit = 255 - (direction.hopCount + (flight.way == .returning ? 1 : 0))
        launch(arriving, from: end, at: now)
        if draw.chance(perMille: direction.duplicatePerMille) {
            launch(arriving, from: end, at: now)
        }
        return true
    }

    var nextArrival: Instant { flights.first?.arrival ?? .distantFuture }

    /// The next flight that has arrived by `now`.
    mutating func land(at now: Instant) -> Flight? {
        guard let first = flights.first, first.arrival <= now else { return nil }
        return flights.popFirst()
    }

    private mutating func launch(_ flight: Flight, from end: Int, at now: Instant) {
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
        var launched = flight
        launched.arrival = arrival
        launched.order = order
        flights.insert(launched)
    }
}
