/// What is wrong with this node, and what its operator does next.
public struct Finding: Error, Sendable, Hashable, CustomStringConvertible {
    /// A short code to look up and to alert on.
    public let code: String
    /// What was found, as a sentence without a final stop.
    public let cause: String
    /// What to do, as whole sentences.
    public let nextStep: String

    /// A finding by its parts.
    public init(code: String, cause: String, nextStep: String) {
        self.code = code
        self.cause = cause
        self.nextStep = nextStep
    }

    /// Cause, code and next step, in two lines.
    public var description: String { "\(cause) [\(code)]\n\(nextStep)" }
}
