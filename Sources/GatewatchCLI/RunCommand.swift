internal import ArgumentParser
internal import Daemon

/// `gatewatch run`.
struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run the daemon in the foreground, logging to standard error.",
        discussion: """
            With a file, everything comes from the file; without one, from the options.

            SIGTERM or SIGINT stops it: routes are withdrawn (or kept, as stop-routes says), then \
            the peers are told AdminDown until they have moved; a second signal stops at once. \
            After kill -9 the routes stay in place and the next start adopts them.

            Examples:
              gatewatch run /etc/gatewatch/gatewatch.yaml
              gatewatch run --namespace ovnext --peer 10.9.0.1 --peer 10.9.0.2 \\
                --route 0.0.0.0/0 --interval 50ms --multiplier 3
              gatewatch run --peer fe80::1%eth0 --route ::/0
            """)

    @OptionGroup var arguments: DaemonArguments

    func run() throws {
        try arguments.runDaemon(takingOver: false)
    }
}

/// What a daemon is started with.
struct DaemonArguments: ParsableArguments {
    @Argument(help: "The configuration file; - for standard input.", completion: .file())
    var file: String?

    @OptionGroup(title: "Options without a file") var flags: RunFlags

    func validate() throws {
        guard file != nil, !flags.configurationFlags.isEmpty else { return }
        throw ValidationError(
            "Give either a file or options, not both: put what the options say into the file.")
    }

    /// Runs the daemon until it is told to end.
    func runDaemon(takingOver: Bool) throws {
        let source = file.map { $0 == "-" ? .once("standard input") : ConfigurationSource.file($0) }
        let report =
            file.map { ConfigurationFile.read(path: $0) } ?? flags.configurationFlags.read()
        // Who reads the log as JSON reads warnings as JSON.
        let isJSON = report.configuration?.log.format == .json
        if !isJSON { report.lines.forEach(StandardStreams.printError) }
        try Daemon.run(
            try configuration(report), from: source ?? .options(flags.configurationFlags),
            takingOver: takingOver, warnings: isJSON ? report.lines : [])
    }

    private func configuration(_ report: ConfigurationReport) throws -> DaemonConfiguration {
        guard let configuration = report.configuration else {
            throw CommandError(
                "the configuration has \(report.errorCount) error"
                    + "\(report.errorCount == 1 ? "" : "s"); nothing was started",
                nextStep: file == nil
                    ? "Correct the options; \"gatewatch run --help\" shows them all."
                    : "Correct the file; \"gatewatch check FILE\" shows what is left.")
        }
        return configuration
    }
}
