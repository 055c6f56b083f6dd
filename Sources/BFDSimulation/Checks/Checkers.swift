public import BFDCore

/// All rules that can be checked while a run goes on.
public struct Checkers {
    private var models: [EndModel]
    private var handshake: HandshakeChecker
    private let detection = DetectionChecker()
    private var poll: PollChecker
    private var gap: GapChecker
    private var discriminator: DiscriminatorChecker
    private var explanation: ExplanationChecker
    private var echo: EchoChecker
    private var loop: LoopChecker
    private let demand = DemandChecker()
    private var congestion: CongestionChecker
    private var unsolicited: UnsolicitedChecker
    /// The ends of unaffiliated Echo sessions.
    private let loops: Set<Int>
    /// The rules that did not hold, the first hundred.
    public private(set) var violations: [Violation] = []
    /// How many expiries there were between ends that stayed Up.
    public private(set) var expiryCount = 0

    /// Checkers for `endCount` ends; ends 2k and 2k + 1 are the two of a link.
    ///
    /// `spread` is how much later than another a packet may be; `isFaithful` says that links lose
    /// packets, but neither damage, double nor reorder them. `loops` are the ends whose packets
    /// their peers only send back.
    public init(
        endCount: Int, spread: Nanoseconds = .zero, isFaithful: Bool = true, loops: Set<Int> = []
    ) {
        self.loops = loops
        echo = EchoChecker(endCount: endCount, spread: spread, isFaithful: isFaithful)
        loop = LoopChecker(endCount: endCount, spread: spread, isFaithful: isFaithful)
        congestion = CongestionChecker(endCount: endCount)
        unsolicited = UnsolicitedChecker(endCount: endCount)
        models = [EndModel](repeating: EndModel(), count: endCount)
        handshake = HandshakeChecker(endCount: endCount)
        poll = PollChecker(endCount: endCount)
        gap = GapChecker(endCount: endCount)
        discriminator = DiscriminatorChecker(endCount: endCount)
        explanation = ExplanationChecker(
            endCount: endCount, spread: spread, isFaithful: isFaithful)
    }

    /// Follows what happened.
    public mutating func observe(_ observation: Observation) {
        let end = observation.end
        if loops.contains(end) {
            report(.echo, observation, loop.observe(observation))
            report(.discriminator, observation, discriminator.observe(observation))
            return
        }
        let isDemanding = models[end].hasDemanded || models[end ^ 1].hasDemanded
        report(.detection, observation, detection.observe(observation, models[end]))
        report(
            .explanation, observation,
            explanation.observe(observation, models[end], peer: models[end ^ 1]))
        report(.demand, observation, demand.observe(observation, models[end]))
        report(.congestion, observation, congestion.observe(observation, models[end]))
        report(.echo, observation, echo.observe(observation, models[end]))
        if case .changed(_, _, .detectionTimeExpired) = observation.event { expiryCount += 1 }
        models[end].observe(observation.event, at: observation.at)
        echo.follow(observation, models[end])
        report(.unsolicited, observation, unsolicited.observe(observation, models[end]))
        report(.handshake, observation, handshake.observe(observation))
        report(
            .poll, observation,
            poll.observe(observation, models[end], isDemanding: isDemanding))
        report(.gap, observation, gap.observe(observation, models[end]))
        report(.discriminator, observation, discriminator.observe(observation))
    }

    /// The engine has let a session go that a peer had started.
    mutating func noteRemoval(_ end: Int, at now: Instant) {
        guard let complaint = unsolicited.complaintOfRemoval(end, at: now, models[end]) else {
            return
        }
        report(.unsolicited, at: now, end, complaint)
    }

    /// Adds what was found by looking at both ends or at routes.
    mutating func report(
        _ rule: Violation.Rule, at now: Instant, _ end: Int, _ complaint: String
    ) {
        guard violations.count < 100 else { return }
        violations.append(Violation(rule: rule, at: now, end: end, text: complaint))
    }

    private mutating func report(
        _ rule: Violation.Rule, _ observation: Observation, _ complaint: String?
    ) {
        guard let complaint else { return }
        report(rule, at: observation.at, observation.end, complaint)
    }
}
