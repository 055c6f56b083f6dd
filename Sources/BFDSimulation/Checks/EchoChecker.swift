internal import BFDCore

/// Echo packets after 75 to 100 % of their interval, only while Up and while the peer loops them,
/// and Down when none came back for so many intervals as our multiplier says (RFC 5880 §6.8.5).
struct EchoChecker {
    private struct End {
        var interval = Microseconds(0)
        /// When the interval last changed, or an Echo packet last came back.
        var listeningSince = Instant(nanoseconds: .min)
        var lastSent: Instant?
        /// The least and the greatest interval since the last one was sent.
        var range = IntervalRange(Microseconds(0))
        var isSingle = false
        var mayBeLate = false
        /// The first that was sent since, and whether any was lost since.
        var firstSent: Instant?
        var hasLost = false
    }

    private var ends: [End]
    private let spread: Nanoseconds
    private let isFaithful: Bool

    init(endCount: Int, spread: Nanoseconds, isFaithful: Bool) {
        ends = [End](repeating: End(), count: endCount)
        self.spread = spread
        self.isFaithful = isFaithful
    }

    /// Looks at an observation before `model` has followed it.
    mutating func observe(_ observation: Observation, _ model: EndModel) -> String? {
        guard !model.isScripted else { return nil }
        let end = observation.end
        let now = observation.at
        switch observation.event {
        case .began:
            ends[end] = End()
        case .paused, .resumed:
            ends[end].mayBeLate = true
        case .echoSent:
            return noteSent(end, at: now, model)
        case .echoReturned(let receivedAt):
            listen(end, from: receivedAt)
        case .echoLost(let sentAt):
            if ends[end].listeningSince <= sentAt { ends[end].hasLost = true }
        case .changed(let old, _, .echoFailed):
            guard old == .up else { return "an Echo failure in \(old)" }
            return failure(end, at: now, model)
        case .received(let receipt):
            return receipt.isAccepted ? lateness(end, receipt.receivedAt, model) : nil
        case .sent:
            return lateness(end, now, model)
        case .ended, .configured, .lost, .changed, .eased:
            break
        }
        return nil
    }

    /// Follows what decides on the interval, after `model` has followed the same observation.
    mutating func follow(_ observation: Observation, _ model: EndModel) {
        let end = observation.end
        if case .configured = observation.event { ends[end].isSingle = false }
        let interval = model.isLive ? model.echoInterval : Microseconds(0)
        guard interval != ends[end].interval else { return }
        ends[end].interval = interval
        if interval.count > 0 {
            ends[end].range.include(interval)
            listen(end, from: observation.at)
        } else {
            ends[end].mayBeLate = true
        }
    }

    private mutating func listen(_ end: Int, from moment: Instant) {
        if ends[end].listeningSince < moment { ends[end].listeningSince = moment }
        ends[end].firstSent = nil
        ends[end].hasLost = false
    }

    private func deadline(_ end: Int, _ model: EndModel) -> Int64 {
        ends[end].listeningSince.nanoseconds + ends[end].interval.nanoseconds.count
            * Int64(model.settings.detectMultiplier)
    }

    private func failure(_ end: Int, at now: Instant, _ model: EndModel) -> String? {
        guard ends[end].interval.count > 0 else { return "an Echo failure without Echo packets" }
        let due = deadline(end, model)
        if now.nanoseconds < due {
            return "\(milliseconds(Nanoseconds(due - now.nanoseconds))) before Echo has failed"
        }
        if let complaint = lateness(end, now, model) { return complaint }
        // Every Echo packet that was sent long enough ago must be missing.
        guard isFaithful, !ends[end].hasLost, model.lastResumed < ends[end].listeningSince,
            let first = ends[end].firstSent, first + spread * 2 < now
        else { return nil }
        return "an Echo failure, but no Echo packet was lost"
    }

    private func lateness(_ end: Int, _ now: Instant, _ model: EndModel) -> String? {
        guard ends[end].interval.count > 0, model.state == .up else { return nil }
        let excuse = max(model.lastResumed, model.lastConfigured).nanoseconds
        let latest = max(deadline(end, model), excuse) + model.tick.count
        guard now.nanoseconds > latest else { return nil }
        return "still up \(milliseconds(Nanoseconds(now.nanoseconds - latest))) after Echo failed"
    }

    private mutating func noteSent(_ end: Int, at now: Instant, _ model: EndModel) -> String? {
        if ends[end].firstSent == nil { ends[end].firstSent = now }
        var complaint = lateness(end, now, model)
        if ends[end].interval.count == 0 { complaint = "an Echo packet that nobody asked for" }
        if complaint == nil, let last = ends[end].lastSent {
            let gap = (now - last).count
            let range = ends[end].range
            let most = (ends[end].isSingle ? range.high / 10 * 9 : range.high) + model.tick.count
            if gap < range.low / 4 * 3 || (gap > most && !ends[end].mayBeLate) {
                complaint = "an Echo packet \(milliseconds(Nanoseconds(gap))) after the last one"
            }
        }
        ends[end].lastSent = now
        ends[end].range = IntervalRange(ends[end].interval)
        ends[end].isSingle = model.settings.detectMultiplier == 1
        ends[end].mayBeLate = false
        return complaint
    }
}
