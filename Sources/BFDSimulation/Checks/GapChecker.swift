internal import BFDCore

/// Periodic packets come after 75 to 100 % of the interval, 75 to 90 % when one missing packet is a
/// failure (RFC 5880 §6.8.7); answers, and packets that tell of a new state, do not count.
struct GapChecker {
    private struct End {
        /// When the packet left that the interval counts from.
        var base: Instant?
        /// All that the interval may have been since.
        var interval = IntervalRange(.second)
        var isSingle = false
        /// The process or its peer gave it a reason to be late.
        var mayBeLate = false
        /// When the state last changed: a packet is due at once then.
        var changedAt = Instant(nanoseconds: .min)
    }

    private var ends: [End]

    init(endCount: Int) {
        ends = [End](repeating: End(), count: endCount)
    }

    /// Looks at an observation after `model` has followed it.
    mutating func observe(_ observation: Observation, _ model: EndModel) -> String? {
        guard !model.isScripted else { return nil }
        let end = observation.end
        switch observation.event {
        case .began, .ended:
            ends[end] = End()
        case .configured:
            widen(end, model)
            if model.settings.detectMultiplier > 1 { ends[end].isSingle = false }
            if model.settings.role == .passive { ends[end].mayBeLate = true }
        case .received(let receipt):
            if receipt.isAccepted { note(receipt, end, model) }
        case .changed:
            widen(end, model)
            ends[end].changedAt = observation.at
            if model.settings.role == .passive { ends[end].mayBeLate = true }
        case .paused, .resumed:
            ends[end].mayBeLate = true
        case .eased:
            widen(end, model)
        case .lost, .echoSent, .echoReturned, .echoLost:
            break
        case .sent(let packet):
            return note(packet, end, at: observation.at, model)
        }
        return nil
    }

    private mutating func widen(_ end: Int, _ model: EndModel) {
        ends[end].interval.include(model.transmitInterval)
    }

    private mutating func note(_ receipt: Receipt, _ end: Int, _ model: EndModel) {
        widen(end, model)
        if receipt.packet.demand || receipt.packet.requiredMinRxInterval.count == 0 {
            // Silence was asked for, and a Poll is sent at once then.
            ends[end].mayBeLate = true
            ends[end].interval.low = 0
        }
    }

    private mutating func note(
        _ packet: ControlPacket, _ end: Int, at now: Instant, _ model: EndModel
    ) -> String? {
        let isOwed = ends[end].changedAt == now
        if packet.final && !isOwed { return nil }
        let complaint = isOwed ? nil : complaint(end, at: now, model.tick)
        var next = End()
        next.base = now
        next.changedAt = ends[end].changedAt
        next.interval = model.transmitInterval
        next.isSingle = packet.detectMultiplier == 1
        // A passive end that hears nothing any more falls silent, also in Down and AdminDown.
        let isWaiting = model.state == .down || model.state == .adminDown
        next.mayBeLate = model.settings.role == .passive && isWaiting
        if model.remoteMinRx.count == 0 || model.isAskedForSilence {
            next.mayBeLate = true
            next.interval.low = 0
        }
        ends[end] = next
        return complaint
    }

    private func complaint(_ end: Int, at now: Instant, _ tick: Nanoseconds) -> String? {
        guard let base = ends[end].base else { return nil }
        let gap = (now - base).count
        let interval = ends[end].interval
        if gap < interval.low / 4 * 3 {
            let least = Nanoseconds(interval.low / 4 * 3)
            return "\(milliseconds(Nanoseconds(gap))) after the last packet, not before "
                + milliseconds(least)
        }
        if ends[end].mayBeLate { return nil }
        let most = (ends[end].isSingle ? interval.high / 10 * 9 : interval.high) + tick.count
        if gap > most {
            return "\(milliseconds(Nanoseconds(gap))) after the last packet, not by "
                + milliseconds(Nanoseconds(most))
        }
        return nil
    }
}
