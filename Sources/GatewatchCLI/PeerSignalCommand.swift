internal import ArgumentParser
internal import ControlProtocol
internal import Daemon

/// `gatewatch peer signal`.
struct PeerSignalCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "signal",
        abstract: "Tell a peer's session what is known outside BFD.",
        discussion: """
            SIGNAL is one of
              path-down                       The path is down: AdminDown, Path Down.
              path-up                         The path is back.
              concatenated-path-down          A path beyond is down; stays Up.
              reverse-concatenated-path-down  The same, for the direction towards us.
              concatenated-path-up            Paths beyond are back.
              forwarding-plane-reset          Forwarding was lost: Down, then up.
              verify                          Has the peer answer a Poll.
              hold                            Stays Down until "release".
              release                         May come up again.
              clear                           Takes back all of the above.
              reset                           Begins anew, as "gatewatch peer reset" does.

            Signals are forgotten when the daemon ends.

            Examples:
              gatewatch peer signal tor-a path-down    An optical alarm said so.
              gatewatch peer signal tor-a clear        All is well again.
            """)

    @Argument(help: "The peer's name, as \"gatewatch status\" shows it.")
    var name: String

    @Argument(help: "What to tell.", transform: Self.signal)
    var signal: PeerSignal

    @OptionGroup var control: ControlOptions

    func run() throws {
        try Self.run(self, signal, name, control)
    }

    /// Tells the session, and says what became of it.
    static func run(
        _ command: some ParsableCommand, _ signal: PeerSignal, _ name: String,
        _ control: ControlOptions
    ) throws {
        try command.withOutput {
            let request = Request.signalPeer(name: name, signal: signal)
            guard case .signal(let report) = try control.ask(request) else {
                throw control.unexpected()
            }
            try StandardStreams.print(
                control.json ? try ControlCoding.text(report) : line(report))
        }
    }

    private static func signal(_ text: String) throws -> PeerSignal {
        guard let signal = PeerSignal(rawValue: text) else {
            let words = PeerSignal.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("\"\(text)\" is no signal; the signals are: \(words)")
        }
        return signal
    }

    /// What was done, as people read it.
    static func line(_ report: SignalReport) -> String {
        "Peer \(report.name) was told \(report.signal.rawValue): \(report.signal.causeText)."
    }
}

/// `gatewatch peer reset`.
struct PeerResetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reset",
        abstract: "Have a peer's session begin anew.",
        discussion: """
            The session goes down as if it were disabled, and comes up again at once by a new \
            handshake; its next hops leave their routes meanwhile. Discriminators, timers and what \
            the session has counted stay. For a peer that is stuck; see first why it is, with \
            "gatewatch status PEER".

            Example:
              gatewatch peer reset tor-a
            """)

    @Argument(help: "The peer's name, as \"gatewatch status\" shows it.")
    var name: String

    @OptionGroup var control: ControlOptions

    func run() throws {
        try PeerSignalCommand.run(self, .reset, name, control)
    }
}
