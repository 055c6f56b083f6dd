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
    /// The rules that did not hold, the first hundred.
    public private(set) var violations: [Violation] = []
    /// How many expiries there were between ends that stayed Up.
    public private(set) var expiryCount = 0

    /// Checkers for `endCount` ends; ends 2k and 2k + 1 are the two of a link.
    ///
    /// `spread` is how much later than another a packet may be; `isFaithful` says that links lose
    /// packets, but neither damage, double nor reorder them.
    public init(endCount: Int, spread: Nanoseconds = .zero, isFaithful: Bool = true) {
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
        // Where silence may be asked for, neither silence nor its absence says anything.
        let isDemanding = models[end].hasDemanded || models[end ^ 1].hasDemanded
        if !isDemanding {
            report(.detection, observation, detection.observe(observation, models[end]))
            report(
                .explanation, observation,
                explanation.observe(observation, models[end], peer: models[end ^ 1]))
        }
        if case .changed(_, _, .detectionTimeExpired) = observation.event { expiryCount += 1 }
        models[end].observe(observation.event, at: observation.at)
        report(.handshake, observation, handshake.observe(observation))
        report(
            .poll, observation,
            poll.observe(observation, models[end], isDemanding: isDemanding))
        if !isDemanding { report(.gap, observation, gap.observe(observation, models[end])) }
        report(.discriminator, observation, discriminator.observe(observation))
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
