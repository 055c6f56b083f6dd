internal import BFDCore

/// Down by detection no earlier than the detection time after the last valid packet, and no later
/// than that and a tick of a running process (RFC 5880 §6.8.4).
struct DetectionChecker {
    /// Looks at an observation before `model` has followed it.
    func observe(_ observation: Observation, _ model: EndModel) -> String? {
        guard model.isLive && !model.isScripted else { return nil }
        switch observation.event {
        case .changed(let old, _, .detectionTimeExpired):
            guard old == .up || old == .initializing else { return "expired in \(old)" }
            guard model.isHeard else { return "expired without having heard anything" }
            let earliest = model.lastHeard.nanoseconds + model.detectionTime.low
            if observation.at.nanoseconds < earliest {
                let early = Nanoseconds(earliest - observation.at.nanoseconds)
                return "expired \(milliseconds(early)) before the detection time"
            }
            return lateness(observation.at, model)
        case .received(let receipt):
            return receipt.isAccepted ? lateness(receipt.receivedAt, model) : nil
        case .sent:
            return lateness(observation.at, model)
        case .began, .ended, .configured, .lost, .changed, .paused, .resumed:
            return nil
        }
    }

    private func lateness(_ moment: Instant, _ model: EndModel) -> String? {
        guard model.isHeard, model.state == .up || model.state == .initializing else { return nil }
        guard model.remoteDetectMultiplier > 0 else { return nil }
        let due = model.lastHeard.nanoseconds + model.detectionTime.high
        let excuse = max(model.lastResumed, model.lastConfigured).nanoseconds
        let latest = max(due, excuse) + model.tick.count
        guard moment.nanoseconds > latest else { return nil }
        let late = Nanoseconds(moment.nanoseconds - latest)
        return "still \(model.state) \(milliseconds(late)) after the detection time"
    }
}
