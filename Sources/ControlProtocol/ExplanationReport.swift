public import NodeCore

/// Answers `explain`: why sessions are not Up.
public struct ExplanationReport: Codable, Sendable, Hashable {
    /// The sessions that are not Up, with their causes.
    public var sessions: [ExplainedSession]
    /// How many sessions were looked at, those that are Up included.
    public var sessionCount: Int
    /// Addresses that send BFD packets here and are of no configured peer.
    public var strangers: [String]
    /// What could not be looked at, for people.
    public var failures: [String]

    /// A report by its parts.
    public init(
        sessions: [ExplainedSession], sessionCount: Int, strangers: [String] = [],
        failures: [String]
    ) {
        self.sessions = sessions
        self.sessionCount = sessionCount
        self.strangers = strangers
        self.failures = failures
    }

    private enum CodingKeys: String, CodingKey {
        case sessions
        case sessionCount = "number-of-sessions"
        case strangers
        case failures
    }
}

/// A session that is not Up.
public struct ExplainedSession: Codable, Sendable, Hashable {
    /// The peer's name.
    public var name: String
    /// Its local state.
    public var state: SessionStateName
    /// Why, the cause to act on first at the front.
    public var causes: [CauseReport]

    /// A session by its parts.
    public init(name: String, state: SessionStateName, causes: [CauseReport]) {
        self.name = name
        self.state = state
        self.causes = causes
    }
}

/// A cause in words.
public struct CauseReport: Codable, Sendable, Hashable {
    /// A short code that stays the same when words change.
    public var code: String
    /// What was seen.
    public var evidence: String
    /// What that means.
    public var meaning: String
    /// What to do next.
    public var nextStep: String

    /// The words of a cause.
    public init(_ explanation: Explanation) {
        code = explanation.code
        evidence = explanation.evidence
        meaning = explanation.meaning
        nextStep = explanation.nextStep
    }

    private enum CodingKeys: String, CodingKey {
        case code
        case evidence
        case meaning
        case nextStep = "next-step"
    }
}
