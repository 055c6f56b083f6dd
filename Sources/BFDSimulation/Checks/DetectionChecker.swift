internal import BFDCore

/// Down by detection no earlier than the detection time after the last valid packet, and no later
/// than that and a tick of a running process (RFC 5880 §6.8.4).
///
/// Where silence was asked for it means nothing; there a Poll that stays without its answer for as
/// many of our own intervals as our multiplier says is the failure, and nothing else is.
struct DetectionChecker {
    /// Looks at an observation before `model` has followed it.
    func observe(_ observation: Observation, _ model: EndModel) -> String? {
        guard model.isLive && !model.isScripted else { return nil }
        switch observation.event {
        case .changed(let old, _, .detectionTimeExpired):
            guard old == .up || old == .initializing else { return "expired in \(old)" }
            guard model.isHeard else { return "expired without having heard anything" }
            if model.isDemandDetecting && model.pollStarted == nil {
                return "expired although silence was asked for, and no Poll was under way"
            }
            let (start, span) = Self.due(model)
            let earliest = start.nanoseconds + span.low
            if observation.at.nanoseconds < earliest {
                let early = Nanoseconds(earliest - observation.at.nanoseconds)
                return "expired \(milliseconds(early)) before the detection time"
            }
            return lateness(observation.at, model)
        case .received(let receipt):
            return receipt.isAccepted ? lateness(receipt.receivedAt, model) : nil
        case .sent, .echoSent:
            return lateness(observation.at, model)
        case .began, .ended, .configured, .lost, .changed, .paused, .resumed, .echoReturned,
            .echoLost, .eased:
            return nil
        }
    }

    /// What detection counts from, and how far.
    private static func due(_ model: EndModel) -> (Instant, IntervalRange) {
        if model.isDemandDetecting, let started = model.pollStarted {
            return (started, model.pollTime)
        }
        return (max(model.lastHeard, model.listeningSince), model.detectionTime)
    }

    private func lateness(_ moment: Instant, _ model: EndModel) -> String? {
        guard model.isHeard, model.state == .up || model.state == .initializing else { return nil }
        guard model.remoteDetectMultiplier > 0 else { return nil }
        if model.isDemandDetecting && model.pollStarted == nil { return nil }
        let (start, span) = Self.due(model)
        let due = start.nanoseconds + span.high
        // What is heard may shorten the time that a Poll has.
        let shortened = model.isDemandDetecting ? model.lastHeard : model.lastConfigured
        let excuse = max(model.lastResumed, model.lastConfigured, shortened).nanoseconds
        let latest = max(due, excuse) + model.tick.count
        guard moment.nanoseconds > latest else { return nil }
        let late = Nanoseconds(moment.nanoseconds - latest)
        return "still \(model.state) \(milliseconds(late)) after the detection time"
    }
}
