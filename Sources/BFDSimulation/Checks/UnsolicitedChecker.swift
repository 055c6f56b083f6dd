internal import BFDCore

/// Sessions that peers have started go when they are not Up any more, neither at once nor never
/// (RFC 9468 §2): ten seconds to come up, then three detection times to be looked at.
struct UnsolicitedChecker {
    private struct End {
        /// When it may be gone first, and when it must be.
        var earliest = Instant(nanoseconds: .min)
        var latest: Instant = .distantFuture
        var excuse = Instant(nanoseconds: .min)
    }

    private var ends: [End]

    init(endCount: Int) {
        ends = [End](repeating: End(), count: endCount)
    }

    /// Looks at an observation after `model` has followed it.
    mutating func observe(_ observation: Observation, _ model: EndModel) -> String? {
        guard model.isUnsolicited else { return nil }
        let end = observation.end
        let now = observation.at
        switch observation.event {
        case .began:
            ends[end] = End()
            expect(end, at: now, model, model.state)
        case .changed(_, let new, _):
            expect(end, at: now, model, new)
        case .paused, .resumed:
            ends[end].excuse = now
        case .sent:
            return overdue(end, at: now, model)
        case .ended, .configured, .lost, .received, .echoSent, .echoReturned, .echoLost, .eased:
            break
        }
        return nil
    }

    /// The engine has let a session go by itself.
    func complaintOfRemoval(_ end: Int, at now: Instant, _ model: EndModel) -> String? {
        if model.state == .up || model.state == .initializing { return "gone while \(model.state)" }
        if now < ends[end].earliest { return "gone before it could be looked at" }
        return overdue(end, at: now, model)
    }

    private func overdue(_ end: Int, at now: Instant, _ model: EndModel) -> String? {
        let latest = max(ends[end].latest.nanoseconds, ends[end].excuse.nanoseconds)
        guard ends[end].latest != .distantFuture, now.nanoseconds > latest + model.tick.count
        else { return nil }
        return "still there \(milliseconds(Nanoseconds(now.nanoseconds - latest))) too long"
    }

    private mutating func expect(
        _ end: Int, at now: Instant, _ model: EndModel, _ state: SessionState
    ) {
        let most: Int64 = 900_000_000_000
        let span = model.detectionTime
        let isUnheard = model.remoteDetectMultiplier == 0
        switch state {
        case .up, .adminDown:
            ends[end].earliest = Instant(nanoseconds: .min)
            ends[end].latest = .distantFuture
        case .initializing:
            ends[end].earliest = now + .seconds(10)
            ends[end].latest = now + Nanoseconds(max(span.high, 10_000_000_000))
        case .down:
            let least = isUnheard ? 0 : min(span.low * 3, most)
            ends[end].earliest = now + Nanoseconds(least)
            // What never came up had its ten seconds, or a detection time of the peer's, before.
            ends[end].latest =
                isUnheard ? now + .seconds(1_200) : now + Nanoseconds(min(span.high * 3, most))
        }
    }
}
