internal import BFDCore

/// No session fails that did not lose its packets, whatever is being renegotiated.
///
/// Between two ends that both stayed Up and ran, over a link that keeps packets whole and in
/// order, a detection time holds so many packets of the peer that each of them must be missing:
///
///     last heard                                   expired
///         |----- T -----|----- T -----|----- T -----|
///                       x             x                    multiplier 3: two or more lost
///
/// A peer that sends more slowly than the detection time allows would lose fewer.
struct ExplanationChecker {
    private struct End {
        /// When lost packets to this end were sent, as far as they are later than the last heard.
        var lost: [Instant] = []
        /// More were lost than were written down.
        var hasLostMany = false
        /// When the last one of all was sent.
        var lastLost = Instant(nanoseconds: .min)
    }

    private var ends: [End]
    /// How much later than another a packet may be, by delay and by late wake-ups.
    private let spread: Nanoseconds
    /// Whether all links keep packets whole and in order.
    private let isFaithful: Bool

    init(endCount: Int, spread: Nanoseconds, isFaithful: Bool) {
        ends = [End](repeating: End(), count: endCount)
        self.spread = spread
        self.isFaithful = isFaithful
    }

    /// Looks at an observation before the models have followed it.
    mutating func observe(
        _ observation: Observation, _ model: EndModel, peer: EndModel
    ) -> String? {
        guard isFaithful && !model.isScripted && !peer.isScripted else { return nil }
        let end = observation.end
        switch observation.event {
        case .began:
            ends[end] = End()
        case .lost(let sentAt):
            note(sentAt, end)
        case .received(let receipt):
            if receipt.isAccepted {
                forget(until: receipt.sentAt, end)
            } else {
                note(receipt.sentAt, end)
            }
        case .changed(.up, _, .detectionTimeExpired):
            return complaint(observation.at, end, model, peer)
        case .changed, .ended, .configured, .sent, .paused, .resumed, .echoSent, .echoReturned,
            .echoLost, .eased:
            break
        }
        return nil
    }

    private mutating func note(_ sentAt: Instant, _ end: Int) {
        ends[end].lastLost = max(ends[end].lastLost, sentAt)
        if ends[end].lost.count < 64 {
            ends[end].lost.append(sentAt)
        } else {
            ends[end].hasLostMany = true
        }
    }

    private mutating func forget(until sentAt: Instant, _ end: Int) {
        ends[end].hasLostMany = false
        if ends[end].lost.isEmpty { return }
        ends[end].lost.removeAll { $0 <= sentAt }
    }

    /// A Poll stayed without its answer: it was lost, or the answer was.
    private func complaintOfPoll(
        _ now: Instant, _ end: Int, _ model: EndModel, _ peer: EndModel
    ) -> String? {
        guard let started = model.pollStarted, started + spread * 2 < now else { return nil }
        guard peer.lastDisturbed < started, model.lastResumed < started else { return nil }
        // A peer that may answer more rarely than it is asked may withhold an answer.
        guard peer.transmit.high <= model.transmitInterval.low else { return nil }
        let lastLost = max(ends[end].lastLost, ends[end ^ 1].lastLost)
        if started <= lastLost { return nil }
        return "a Poll failed, but neither it nor an answer was lost"
    }

    private func complaint(
        _ now: Instant, _ end: Int, _ model: EndModel, _ peer: EndModel
    ) -> String? {
        guard peer.isLive && !peer.isPaused && peer.state == .up else { return nil }
        guard peer.lastDisturbed < model.lastHeardSentAt else { return nil }
        guard model.lastResumed < model.lastHeard, !ends[end].hasLostMany else { return nil }
        if model.isDemandDetecting { return complaintOfPoll(now, end, model, peer) }
        // What is silent because it was asked to be owes nothing.
        if peer.isAskedForSilence { return nil }
        let elapsed = (now - model.lastHeard).count
        let factor = Int64(model.remoteDetectMultiplier)
        var interval = elapsed / factor
        if factor == 1 { interval = interval / 10 * 9 }
        let needed = (elapsed - spread.count - 1) / max(interval, 1)
        let lost = ends[end].lost.count
        guard lost < needed else { return nil }
        return "expired after \(milliseconds(Nanoseconds(elapsed))) with \(lost) packets lost, "
            + "not \(needed)"
    }
}
