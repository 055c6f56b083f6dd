/// Why a lab could not be built, or what did not happen in it.
public struct LabError: Error, CustomStringConvertible {
    /// What went wrong, for the person who reads the test's output.
    public let description: String

    /// An error that says `description`.
    public init(_ description: String) {
        self.description = description
    }
}
