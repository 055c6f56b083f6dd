internal import BFDCore

/// Flights, the earliest first: a binary heap.
struct FlightQueue {
    private var flights: [Flight] = []

    var first: Flight? { flights.first }

    mutating func insert(_ flight: Flight) {
        flights.append(flight)
        var place = flights.count - 1
        while place > 0 {
            let parent = (place - 1) / 2
            guard isEarlier(place, parent) else { break }
            flights.swapAt(place, parent)
            place = parent
        }
    }

    mutating func popFirst() -> Flight? {
        guard let first = flights.first else { return nil }
        let last = flights.removeLast()
        guard !flights.isEmpty else { return first }
        flights[0] = last
        var place = 0
        while true {
            var least = place
            let left = place * 2 + 1
            if left < flights.count && isEarlier(left, least) { least = left }
            if left + 1 < flights.count && isEarlier(left + 1, least) { least = left + 1 }
            guard least != place else { return first }
            flights.swapAt(place, least)
            place = least
        }
    }

    private func isEarlier(_ left: Int, _ right: Int) -> Bool {
        let (one, other) = (flights[left], flights[right])
        if one.arrival == other.arrival { return one.order < other.order }
        return one.arrival < other.arrival
    }
}
