/// Something wrong or doubtful in a configuration.
public struct ConfigurationProblem: Sendable, Hashable {
    /// How bad a problem is.
    public enum Severity: String, Sendable, Hashable {
        /// The configuration cannot be used.
        case error
        /// The configuration works, perhaps not as wanted.
        case warning
    }

    /// Where it is; nil when it concerns the file as a whole.
    public let place: Place?
    /// How bad it is.
    public let severity: Severity
    /// What is wrong and what is allowed, for people.
    public let message: String

    /// A problem by its parts.
    public init(place: Place?, severity: Severity, message: String) {
        self.place = place
        self.severity = severity
        self.message = message
    }

    /// One line, as compilers print it: `file:line:column: error: message`.
    public func line(file: String) -> String {
        guard let place else { return "\(file): \(severity.rawValue): \(message)" }
        let prefix = place.option ?? "\(file):\(place.line):\(place.column)"
        return "\(prefix): \(severity.rawValue): \(message)"
    }
}

/// What came of reading a configuration.
public struct ConfigurationReport: Sendable {
    /// The name of the file, for messages.
    public let file: String
    /// The configuration; nil when there is any error.
    public let configuration: DaemonConfiguration?
    /// All errors and warnings, in the order of the file.
    public let problems: [ConfigurationProblem]

    init(file: String, configuration: DaemonConfiguration?, problems: ProblemCollector) {
        self.file = file
        self.problems = problems.sorted
        self.configuration = problems.hasErrors ? nil : configuration
    }

    /// How many problems are errors.
    public var errorCount: Int { problems.count { $0.severity == .error } }

    /// One line per problem.
    public var lines: [String] { problems.map { $0.line(file: file) } }
}

/// Collects problems while a configuration is read, each once.
///
/// An alias is read wherever it is used, so the same mistake can be met many times.
final class ProblemCollector {
    private var known: Set<ConfigurationProblem> = []
    private var problems: [ConfigurationProblem] = []

    var hasErrors: Bool { problems.contains { $0.severity == .error } }

    /// In the order of the file; problems of one place in the order they were found.
    var sorted: [ConfigurationProblem] {
        problems.enumerated().sorted { left, right in
            switch (left.element.place, right.element.place) {
            case (nil, nil): left.offset < right.offset
            case (nil, _): true
            case (_, nil): false
            case (let first?, let second?):
                first == second ? left.offset < right.offset : first < second
            }
        }.map(\.element)
    }

    func error(_ place: Place?, _ message: String) {
        add(ConfigurationProblem(place: place, severity: .error, message: message))
    }

    func warning(_ place: Place?, _ message: String) {
        add(ConfigurationProblem(place: place, severity: .warning, message: message))
    }

    private func add(_ problem: ConfigurationProblem) {
        if known.insert(problem).inserted { problems.append(problem) }
    }
}
