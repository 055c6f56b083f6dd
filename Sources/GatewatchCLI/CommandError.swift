internal import ControlProtocol

/// A command could not do its work; ends it with exit code 1 and this text on standard error.
struct CommandError: Error, Equatable, CustomStringConvertible {
    /// What is wrong, as a sentence without a final stop.
    let message: String
    /// What to do next, as a whole sentence.
    let nextStep: String

    init(_ message: String, nextStep: String) {
        self.message = message
        self.nextStep = nextStep
    }

    init(_ failure: Failure) {
        self.init(failure.message, nextStep: failure.nextStep)
    }

    var description: String { "\(message)\n\(nextStep)" }
}
