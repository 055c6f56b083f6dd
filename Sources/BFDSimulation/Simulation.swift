public import BFDCore
internal import RouteCore

// One virtual clock, on which the next thing to happen is always the next step:
//
//     actions ─┐
//     flights ─┼─ the earliest ─▶ land, wake, act ─▶ observations ─▶ checkers, transcript
//     wake-ups ┘
//
// At one moment actions come first, then what arrives, then who wakes up. All random numbers follow
// from the scenario's seed, so that a run is repeated by repeating its scenario.

/// A run of a scenario.
public final class Simulation {
    /// What is run.
    public let scenario: Scenario
    /// The present of the run.
    public private(set) var now = Instant(nanoseconds: 0)
    /// The rules, and what they found.
    public internal(set) var checkers: Checkers
    /// What happened, for people; `nil` unless asked for.
    public internal(set) var transcript: Transcript?
    /// A number that another run has only if the same happened there.
    public private(set) var fingerprint: UInt64 = 0
    /// How many packets were sent.
    public internal(set) var sentCount = 0

    var network: SimulatedNetwork
    var nodes: [EngineNode?]
    var ends: [SimulatedEnd]
    private let actions: [(at: Instant, action: Action)]
    private var nextAction = 0

    /// A run from its start; `scripts` play the nodes that the scenario leaves to them, by end.
    public init(
        _ scenario: Scenario, scripts: [Int: any ScriptedPeer] = [:], keepsTranscript: Bool = false
    ) {
        self.scenario = scenario
        var draw = Draw(seed: scenario.seed)
        checkers = Checkers(
            endCount: scenario.ends.count, spread: scenario.spread,
            isFaithful: scenario.isFaithful,
            loops: Set(scenario.ends.indices.filter { scenario.ends[$0].kind == .loop }))
        transcript = keepsTranscript ? Transcript(scenario) : nil
        network = SimulatedNetwork(endCount: scenario.ends.count, seed: draw.bits())
        nodes = scenario.nodes.indices.map { Self.makeNode($0, scenario, seed: draw.bits()) }
        ends = scenario.ends.indices.map { Self.makeEnd($0, scenario, scripts[$0], &draw) }
        actions = scenario.actions.map { (Instant(nanoseconds: $0.at.count), $0.action) }
        for node in nodes.indices { perform(.start(node: node, keepsDiscriminators: true)) }
    }

    /// Runs to the end of the scenario and says what did not hold.
    public func run() -> [Violation] {
        run(until: Instant(nanoseconds: scenario.duration.count))
        return checkers.violations
    }

    /// Runs up to a moment, that moment included.
    public func run(until end: Instant) {
        while true {
            let next = nextMoment
            guard next <= end else { break }
            if now < next { now = next }
            step()
        }
        now = end
    }

    /// A copy of the variables of an end's session; `nil` where there is none.
    public func session(_ end: Int) -> Session? {
        guard let handle = ends[end].handle else { return nil }
        return nodes[ends[end].node]?.engine.session(handle)
    }

    /// The state of an end, whoever plays it.
    public func state(_ end: Int) -> SessionState? {
        ends[end].script?.state ?? session(end)?.state
    }

    private var nextMoment: Instant {
        var next = network.nextArrival
        if nextAction < actions.count { next = min(next, actions[nextAction].at) }
        for node in nodes {
            if let node, node.wakeAt < next { next = node.wakeAt }
        }
        for end in ends {
            if let script = end.script, end.isPresent { next = min(next, script.nextWake) }
        }
        return next
    }

    private func step() {
        while nextAction < actions.count, actions[nextAction].at <= now {
            let action = actions[nextAction].action
            nextAction += 1
            transcript?.note(action, at: now)
            perform(action)
        }
        while let flight = network.land(at: now) { land(flight) }
        for node in nodes {
            if let node, node.wakeAt <= now { wake(node) }
        }
        for end in ends.indices where ends[end].isPresent {
            guard let script = ends[end].script, script.nextWake <= now else { continue }
            carryOut(script.wake(at: now), end)
        }
    }

    /// Tells checkers and transcript.
    func observe(_ end: Int, _ event: Event) {
        let observation = Observation(at: now, end: end, event)
        fingerprint = (fingerprint ^ UInt64(bitPattern: now.nanoseconds)) &* 0x0000_0100_0000_01b3
        fingerprint = (fingerprint ^ UInt64(end)) &* 0x0000_0100_0000_01b3
        checkers.observe(observation)
        transcript?.note(observation)
    }

    func send(
        _ packet: ControlPacket, _ header: AuthenticationHeader? = nil, from end: Int
    ) {
        sentCount += 1
        observe(end, .sent(packet))
        var datagram = Datagram(packet)
        if let header {
            let secret = Self.secret(ofKey: header.keyID, end)
            datagram = Datagram(packet, header, secret: secret)
        }
        if ends[end].kind == .loop {
            if !network.send(datagram, .looped, from: end, at: now) {
                observe(end, .echoLost(sentAt: now))
            }
            return
        }
        if !network.send(datagram, from: end, at: now) { observe(end ^ 1, .lost(sentAt: now)) }
    }
}
