internal import BFDCore

/// What happened in a run, a line each: actions, state changes, and packets that say something new.
public struct Transcript: Sendable {
    private let scenario: Scenario
    /// By end: the last packet that was written down.
    private var told: [ControlPacket?]
    /// The lines.
    public private(set) var lines: [String] = []

    init(_ scenario: Scenario) {
        self.scenario = scenario
        told = [ControlPacket?](repeating: nil, count: scenario.ends.count)
    }

    mutating func note(_ action: Action, at now: Instant) {
        lines.append("\(time(now))  # \(scenario.text(of: action))")
    }

    mutating func note(_ observation: Observation) {
        let end = observation.end
        let head = "\(time(observation.at))  \(scenario.name(of: end))  "
        switch observation.event {
        case .began(let beginning):
            lines.append(head + "begins in \(Self.name(beginning.state))")
            told[end] = nil
        case .ended: lines.append(head + "ends")
        case .changed(let old, let new, let cause):
            lines.append(head + "\(Self.name(old)) -> \(Self.name(new))  (\(cause))")
        case .resumed: lines.append(head + "resumes")
        case .sent(let packet):
            guard packet.final || told[end] != packet else { return }
            told[end] = packet
            lines.append(head + "sends " + text(packet, end))
        case .eased(let level): lines.append(head + "eases its intervals \(level) times")
        case .configured, .lost, .received, .paused, .echoSent, .echoReturned, .echoLost: break
        }
    }

    private func time(_ moment: Instant) -> String {
        let text = seconds(moment)
        return String(repeating: " ", count: max(0, 12 - text.utf8.count)) + text
    }

    private func text(_ packet: ControlPacket, _ end: Int) -> String {
        var text = Self.name(packet.state)
        if packet.poll { text += " P" }
        if packet.final { text += " F" }
        if packet.demand { text += " D" }
        text += " tx=\(milliseconds(packet.desiredMinTxInterval.nanoseconds))"
        text += " rx=\(milliseconds(packet.requiredMinRxInterval.nanoseconds))"
        text += " x\(packet.detectMultiplier) diag=\(packet.diagnostic.rawValue)"
        return text + (packet.yourDiscriminator == 0 ? " your=0" : "")
    }

    private static func name(_ state: SessionState) -> String {
        switch state {
        case .adminDown: "AdminDown"
        case .down: "Down"
        case .initializing: "Init"
        case .up: "Up"
        }
    }
}
