internal import BFDCore

/// At most one Poll Sequence at a time, kept up until it is answered, and answered by the other
/// side; never P and F in one packet (RFC 5880 §6.5, §6.8.3).
struct PollChecker {
    private struct End {
        /// What the Poll Sequence under way says.
        var outstanding: SessionSettings?
        /// F has come, a packet without F has not.
        var isSettling = false
        var unanswered = 0
        var askedAt = Instant(nanoseconds: .min)
        /// When the last ten answers went, the oldest one next to be overwritten.
        var answers = InlineArray<10, Int64>(repeating: .min)
        var answerCount = 0
    }

    private var ends: [End]

    init(endCount: Int) {
        ends = [End](repeating: End(), count: endCount)
    }

    /// `isDemanding`: the peer may send nothing by which a Poll could be seen to settle.
    mutating func observe(
        _ observation: Observation, _ model: EndModel, isDemanding: Bool
    ) -> String? {
        guard !model.isScripted else { return nil }
        let end = observation.end
        if isDemanding { ends[end].isSettling = false }
        let overdue = overdueAnswer(end, observation.at, model)
        switch observation.event {
        case .began, .ended:
            ends[end] = End()
            return nil
        case .changed:
            ends[end].outstanding = nil
            ends[end].isSettling = false
        case .received(let receipt):
            if receipt.isAccepted { note(receipt.packet, end, at: observation.at) }
        case .sent(let packet):
            if let complaint = complaint(packet, end, at: observation.at, model) {
                return complaint
            }
        case .configured, .lost, .paused, .resumed, .echoSent, .echoReturned, .echoLost, .eased:
            break
        }
        return overdue
    }

    private mutating func note(_ packet: ControlPacket, _ end: Int, at now: Instant) {
        if packet.poll {
            ends[end].unanswered += 1
            ends[end].askedAt = now
        }
        if packet.final && ends[end].outstanding != nil {
            ends[end].outstanding = nil
            ends[end].isSettling = true
        } else if !packet.final {
            ends[end].isSettling = false
        }
    }

    private mutating func complaint(
        _ packet: ControlPacket, _ end: Int, at now: Instant, _ model: EndModel
    ) -> String? {
        if packet.poll && packet.final { return "P and F in one packet" }
        if packet.final { return noteAnswer(end, at: now) }
        let said = SessionSettings(
            desiredMinTxInterval: packet.desiredMinTxInterval,
            requiredMinRxInterval: packet.requiredMinRxInterval)
        let previous = ends[end].outstanding
        ends[end].outstanding = packet.poll ? said : nil
        // Not Up, silence ends a Poll unseen, and a change acts at once and begins another.
        guard model.state == .up else { return nil }
        guard packet.poll else {
            return previous == nil ? nil : "a Poll was given up before its answer"
        }
        if ends[end].isSettling { return "a Poll began before the last one had settled" }
        if let previous, previous != said { return "a second change joined the Poll under way" }
        return nil
    }

    private mutating func noteAnswer(_ end: Int, at now: Instant) -> String? {
        guard ends[end].unanswered > 0 else { return "a Final that nobody asked for" }
        ends[end].unanswered -= 1
        ends[end].answers[ends[end].answerCount % 10] = now.nanoseconds
        ends[end].answerCount += 1
        return nil
    }

    /// A Poll of an earlier moment that has no answer, unless answers have been many.
    private mutating func overdueAnswer(
        _ end: Int, _ now: Instant, _ model: EndModel
    ) -> String? {
        guard ends[end].unanswered > 0, ends[end].askedAt < now else { return nil }
        ends[end].unanswered = 0
        // What has failed does not answer, until it is gone or comes back.
        if model.isUnsolicited { return nil }
        let oldest = ends[end].answers[ends[end].answerCount % 10]
        let patience = max(model.transmit.high, 1_000_000_000) * 20
        if oldest != .min && now.nanoseconds - oldest <= patience { return nil }
        return "a Poll stayed without its answer"
    }
}
