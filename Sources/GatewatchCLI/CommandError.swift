internal import ControlProtocol

/// A command could not do its work; ends it with exit code 1 and this text on standard error.
struct CommandError: Error, Equatable, CustomStringConvertible {
    /// What is wrong, as a sentence without a final stop.
    let message: String
    /// What to do next, as a whole sentence.
    let nextStep: String
    /// Which kind of refusal of the daemon's it was; nil for a fault of this end.
    let code: Failure.Code?

    init(_ message: String, nextStep: String, code: Failure.Code? = nil) {
        self.message = message
        self.nextStep = nextStep
        self.code = code
    }

    init(_ failure: Failure) {
        let lines = (failure.details ?? []) + [failure.message]
        self.init(
            lines.joined(separator: "\n"), nextStep: failure.nextStep, code: failure.code)
    }

    var description: String { "\(message)\n\(nextStep)" }
}
