internal import ArgumentParser
internal import ControlProtocol
internal import Daemon

/// `gatewatch check`.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Find all mistakes in a configuration file.",
        discussion: """
            Prints each mistake with file, line, column and what is allowed, and exits 1 if there \
            is any. Without mistakes, says what the daemon would run.

            Examples:
              gatewatch check /etc/gatewatch/gatewatch.yaml
              generate-configuration | gatewatch check -
            """)

    @Argument(help: "The configuration file; - for standard input.", completion: .file())
    var file: String

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        try withOutput {
            let report = ConfigurationFile.read(path: file)
            if json {
                try StandardStreams.print(ControlCoding.text(CheckReport(report)))
            } else {
                report.lines.forEach(StandardStreams.printError)
            }
            guard let configuration = report.configuration else {
                if !json {
                    let count = report.errorCount
                    StandardStreams.printError(
                        "\(report.file): \(count) error\(count == 1 ? "" : "s"); "
                            + "correct and check again"
                    )
                }
                throw ExitCode.failure
            }
            if !json {
                try StandardStreams.print(
                    ConfigurationText.summary(configuration, file: report.file))
            }
        }
    }
}

/// What `check --json` prints.
struct CheckReport: Encodable {
    struct Problem: Encodable {
        let line: Int?
        let column: Int?
        let severity: String
        let message: String
    }

    let file: String
    let ok: Bool
    let problems: [Problem]

    init(_ report: ConfigurationReport) {
        file = report.file
        ok = report.configuration != nil
        problems = report.problems.map { problem in
            Problem(
                line: problem.place?.line, column: problem.place?.column,
                severity: problem.severity.rawValue, message: problem.message)
        }
    }
}
