internal import LinuxSystem
internal import RouteCore

extension RouteController {
    /// Wakes up when the next held back next hop may return.
    func armHoldTimer() {
        guard hasHysteresis else { return }
        if let next = sets.lazy.compactMap({ $0.membership.nextReturn }).min() {
            holdTimer.arm(at: next)
        } else {
            holdTimer.disarm()
        }
    }

    /// A next hop's waiting is over.
    func endHolds() {
        holdTimer.acknowledge()
        let now = Clock.monotonicNanoseconds()
        let changed = sets.indices.filter { sets[$0].membership.release(at: now) }
        if isActive, !changed.isEmpty {
            follow(changed, cause: "held back for long enough", since: now)
        }
        armHoldTimer()
    }

    /// Tells of a next hop whose session is up, and which is held back all the same.
    func tellHeld(_ seats: [RouteSet.Seat], at now: Int64) {
        guard hasHysteresis else { return }
        for seat in seats {
            let set = sets[seat.set]
            guard let hold = set.membership.hold(of: seat.index) else { continue }
            let seconds = Double((hold.until - now) / 1_000_000) / 1_000
            let reason =
                switch hold {
                case .holdUp: "hold-up"
                case .suppressed:
                    "suppressed, penalty \(set.membership.penalty(of: seat.index, at: now) ?? 0)"
                }
            emit(
                .nextHopHeld, set.keys[0], routeCount: set.keys.count,
                peer: set.nextHops[seat.index].peer,
                cause: "session up, held back for \(seconds) s: \(reason)")
        }
    }
}
