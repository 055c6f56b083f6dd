/// One cause in words: what was seen, what that means, and what to do about it.
public struct Explanation: Sendable, Hashable {
    /// A short code to look up and to alert on; it stays the same when words change.
    public let code: String
    /// What was seen, as a sentence without a final stop.
    public let evidence: String
    /// What that means, as a sentence without a final stop.
    public let meaning: String
    /// What to do next, as whole sentences.
    public let nextStep: String

    /// A cause by its parts.
    public init(code: String, evidence: String, meaning: String, nextStep: String) {
        self.code = code
        self.evidence = evidence
        self.meaning = meaning
        self.nextStep = nextStep
    }
}
