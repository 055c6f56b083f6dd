internal import ArgumentParser
internal import ControlProtocol
internal import Daemon

/// The options of every command that asks the daemon.
struct ControlOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The daemon's control socket.", valueName: "path"))
    var socket = DaemonConfiguration.defaultControlSocket

    @Flag(help: "Print JSON.")
    var json = false

    /// Asks one question and gives the one answer.
    func ask(_ request: Request) throws -> Reply {
        try ControlClient.connected(to: socket).ask(request)
    }

    /// The error for an answer to another question.
    func unexpected() -> CommandError {
        CommandError(
            "the daemon at \(socket) answered another question",
            nextStep: "Use the gatewatch command of the daemon's version; this one is "
                + "\(ProductVersion.text).")
    }
}

extension ParsableCommand {
    /// Runs `body`; that nobody reads the output any more is a quiet success.
    func withOutput(_ body: () throws -> Void) throws {
        StandardStreams.ignoreBrokenPipes()
        do {
            try body()
        } catch is StandardStreams.OutputClosed {
            throw ExitCode.success
        }
    }
}
