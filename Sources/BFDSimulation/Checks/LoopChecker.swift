internal import BFDCore

/// The rules of unaffiliated Echo sessions, which hear only themselves (RFC 9747 §2).
///
/// Up by what was looped, Down when nothing was looped for so many provisioned intervals as the
/// multiplier says, packets at their pace, and no other packets.
struct LoopChecker {
    private struct End {
        var isLive = false
        var discriminator: UInt32 = 0
        var tick: Nanoseconds = .zero
        var settings = SessionSettings()
        var state: SessionState = .down
        var last: Receipt?
        var lastHeard = Instant(nanoseconds: .min)
        var isDetecting = false
        var listeningSince = Instant(nanoseconds: .min)
        var excuse = Instant(nanoseconds: .min)
        var lastSent: Instant?
        var range = IntervalRange(.second)
        var isSingle = false
        var mayBeLate = false
        var firstSent: Instant?
        var hasLost = false

        var interval: Microseconds {
            let slow = Microseconds(1_333_334)
            let wanted = settings.desiredMinTxInterval
            return state == .up ? wanted : Microseconds.maximum(wanted, slow)
        }

        var due: Instant {
            max(lastHeard, listeningSince)
                + interval.nanoseconds * Int64(settings.detectMultiplier)
        }
    }

    private var ends: [End]
    private let spread: Nanoseconds
    private let isFaithful: Bool

    init(endCount: Int, spread: Nanoseconds, isFaithful: Bool) {
        ends = [End](repeating: End(), count: endCount)
        self.spread = spread
        self.isFaithful = isFaithful
    }

    mutating func observe(_ observation: Observation) -> String? {
        let end = observation.end
        let now = observation.at
        switch observation.event {
        case .began(let beginning):
            ends[end] = End()
            ends[end].isLive = true
            ends[end].discriminator = beginning.localDiscriminator
            ends[end].tick = beginning.tick
            ends[end].settings = beginning.settings
            ends[end].range = IntervalRange(ends[end].interval)
            ends[end].listeningSince = now
        case .ended:
            ends[end].isLive = false
        case .configured(let settings):
            ends[end].isSingle = false
            ends[end].excuse = now
            change(end, at: now) { $0.settings = settings }
        case .sent(let packet):
            return noteSent(packet, end, at: now)
        case .received(let receipt):
            guard receipt.isAccepted else { return nil }
            let complaint = lateness(end, receipt.receivedAt)
            note(receipt, end)
            return complaint
        case .changed(let old, let new, let cause):
            let complaint = lateness(end, now) ?? complaint(old, new, cause, end, at: now)
            if cause == .echoFailed { ends[end].isDetecting = false }
            change(end, at: now) { $0.state = new }
            return complaint
        case .paused, .resumed:
            ends[end].mayBeLate = true
            ends[end].excuse = now
        case .echoLost(let sentAt):
            if max(ends[end].lastHeard, ends[end].listeningSince) <= sentAt {
                ends[end].hasLost = true
            }
        case .lost, .echoSent, .echoReturned, .eased:
            break
        }
        return nil
    }

    private mutating func change(_ end: Int, at now: Instant, _ body: (inout End) -> Void) {
        let before = ends[end].interval
        body(&ends[end])
        guard ends[end].interval != before else { return }
        ends[end].range.include(ends[end].interval)
        ends[end].listeningSince = now
        ends[end].firstSent = nil
        ends[end].hasLost = false
    }

    private mutating func note(_ receipt: Receipt, _ end: Int) {
        ends[end].last = receipt
        ends[end].isDetecting = true
        ends[end].lastHeard = max(ends[end].lastHeard, receipt.receivedAt)
        ends[end].firstSent = nil
        ends[end].hasLost = false
    }

    private func complaint(
        _ old: SessionState, _ new: SessionState, _ cause: StateChangeCause, _ end: Int,
        at now: Instant
    ) -> String? {
        let end = ends[end]
        if new == .up {
            guard let last = end.last else { return "Up, but nothing was looped" }
            if last.isForged { return nil }
            guard last.packet.myDiscriminator == end.discriminator else {
                return "Up on a packet of another session"
            }
            let isNext = last.packet.state == .initializing || last.packet.state == .up
            return isNext ? nil : "Up on a packet that says \(last.packet.state)"
        }
        guard cause == .echoFailed else { return nil }
        guard end.isDetecting else { return "an Echo failure, but nothing was ever looped" }
        if now < end.due {
            return "\(milliseconds(end.due - now)) before the detection time"
        }
        guard isFaithful, !end.hasLost, let first = end.firstSent, end.excuse < end.lastHeard,
            first + spread * 2 < now
        else { return nil }
        return "an Echo failure, but no packet was lost"
    }

    private func lateness(_ index: Int, _ now: Instant) -> String? {
        let end = ends[index]
        guard end.isDetecting, end.state == .up || end.state == .initializing else { return nil }
        let latest = max(end.due, end.excuse) + end.tick
        guard latest < now else { return nil }
        return "still \(end.state) \(milliseconds(now - latest)) after the detection time"
    }

    private mutating func noteSent(
        _ packet: ControlPacket, _ end: Int, at now: Instant
    ) -> String? {
        let previous = ends[end]
        if previous.firstSent == nil { ends[end].firstSent = now }
        ends[end].lastSent = now
        ends[end].range = IntervalRange(previous.interval)
        ends[end].isSingle = previous.settings.detectMultiplier == 1
        ends[end].mayBeLate = false
        if packet.poll || packet.final || packet.demand { return "P, F or D in a looped packet" }
        if let complaint = lateness(end, now) { return complaint }
        guard let last = previous.lastSent else { return nil }
        let gap = (now - last).count
        let range = previous.range
        let most = (previous.isSingle ? range.high / 10 * 9 : range.high) + previous.tick.count
        if gap < range.low / 4 * 3 || (gap > most && !previous.mayBeLate) {
            return "a packet \(milliseconds(Nanoseconds(gap))) after the last one"
        }
        return nil
    }
}
