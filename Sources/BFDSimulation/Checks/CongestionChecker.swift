internal import BFDCore

/// Intervals are doubled when silence has failed a session three times in a minute, or when its own
/// process is late, and one doubling is taken back after ten quiet minutes (RFC 5880 §7).
struct CongestionChecker {
    private struct End {
        var level: UInt8 = 0
        var lastRaised = Instant(nanoseconds: .min)
        /// When silence failed it, since the last doubling for that reason.
        var expiries: [Instant] = []
    }

    private var ends: [End]

    init(endCount: Int) {
        ends = [End](repeating: End(), count: endCount)
    }

    /// Looks at an observation before `model` has followed it.
    mutating func observe(_ observation: Observation, _ model: EndModel) -> String? {
        let end = observation.end
        let now = observation.at
        switch observation.event {
        case .began: ends[end] = End()
        case .changed(.up, _, .detectionTimeExpired):
            ends[end].expiries = ends[end].expiries.suffix(2) + [now]
        case .eased(let level): return complaint(level, end, at: now, model)
        case .ended, .configured, .sent, .lost, .received, .changed, .paused, .resumed, .echoSent,
            .echoReturned, .echoLost:
            break
        }
        return nil
    }

    private mutating func complaint(
        _ level: UInt8, _ end: Int, at now: Instant, _ model: EndModel
    ) -> String? {
        let previous = ends[end].level
        ends[end].level = level
        if level < previous {
            let isQuiet = !(now < ends[end].lastRaised + .seconds(600))
            ends[end].lastRaised = now
            return isQuiet && level + 1 == previous ? nil : "eased back too early"
        }
        ends[end].lastRaised = now
        guard model.settings.adaptsToCongestion else { return "eased without being told to" }
        guard level == previous + 1 else { return "eased by more than one doubling" }
        let expiries = ends[end].expiries
        if expiries.count == 3, expiries[2] == now, !(expiries[0] < now - .seconds(60)) {
            ends[end].expiries = []
            return nil
        }
        let hasResumed = model.lastResumed.nanoseconds != .min
        if hasResumed, (now - model.lastResumed).count <= model.tick.count * 2 { return nil }
        return "eased without three failures in a minute, and in time"
    }
}
