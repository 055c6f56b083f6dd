public import NodeCore

/// What `doctor` has looked at, and what it found.
public struct DoctorReport: Codable, Sendable, Hashable {
    /// What was looked at, in the order in which it was.
    public var checks: [DoctorCheck]

    /// A report by its checks.
    public init(checks: [DoctorCheck] = []) {
        self.checks = checks
    }

    /// How many findings there are.
    public var findingCount: Int { checks.reduce(0) { $0 + $1.findings.count } }

    /// The exit code: 0 when all is well, 1 with findings, 2 when something could not be looked at
    /// and nothing was found.
    public var exitCode: Int32 {
        if findingCount > 0 { return 1 }
        return checks.contains { $0.failure != nil } ? 2 : 0
    }

    private enum CodingKeys: String, CodingKey {
        case checks
        case findingCount = "number-of-findings"
        case exitCode = "exit-code"
    }

    /// Reads what `encode` writes.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        checks = try container.decode([DoctorCheck].self, forKey: .checks)
    }

    /// Writes the checks, and what follows from them.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(checks, forKey: .checks)
        try container.encode(findingCount, forKey: .findingCount)
        try container.encode(exitCode, forKey: .exitCode)
    }
}

/// One thing that was looked at.
public struct DoctorCheck: Codable, Sendable, Hashable {
    /// A word for it, such as `sessions`.
    public var name: String
    /// What was seen, for people.
    public var summary: String
    /// What is wrong.
    public var findings: [DoctorFinding]
    /// What is good to know and no reason to act.
    public var notes: [String] = []
    /// Why it could not be looked at, for people; nil when it could.
    public var failure: String?

    /// A check by its parts.
    public init(
        _ name: String, _ summary: String, findings: [DoctorFinding] = [], failure: String? = nil
    ) {
        self.name = name
        self.summary = summary
        self.findings = findings
        self.failure = failure
    }
}

/// One thing that is wrong.
public struct DoctorFinding: Codable, Sendable, Hashable {
    /// What it is about, such as a peer's name; nil for the check as a whole.
    public var subject: String?
    /// A short code that stays the same when words change.
    public var code: String
    /// What is wrong, or what the evidence means.
    public var cause: String
    /// What was seen, where that is told apart.
    public var evidence: String?
    /// What to do next.
    public var nextStep: String

    /// A finding about the check as a whole.
    public init(_ finding: Finding) {
        code = finding.code
        cause = finding.cause
        nextStep = finding.nextStep
    }

    /// A cause why a session is not Up.
    public init(_ cause: CauseReport, of peer: String) {
        subject = peer
        code = cause.code
        self.cause = cause.meaning
        evidence = cause.evidence
        nextStep = cause.nextStep
    }

    /// What was judged, in words.
    public init(_ explanation: Explanation) {
        code = explanation.code
        cause = explanation.meaning
        evidence = explanation.evidence
        nextStep = explanation.nextStep
    }

    private enum CodingKeys: String, CodingKey {
        case subject
        case code
        case cause
        case evidence
        case nextStep = "next-step"
    }
}
