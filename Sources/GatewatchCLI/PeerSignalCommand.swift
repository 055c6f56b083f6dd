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
              path-down                       The path is down: AdminDown, diagnostic Path Down.
              path-up                         The path is back.
              concatenated-path-down          A path beyond is down; told to the peer, stays Up.
              reverse-concatenated-path-down  The same, for the direction towards us.
              concatenated-path-up            Paths beyond are back.
              forwarding-plane-reset          Our forwarding state was lost: goes Down, comes up.
              verify                          Has the peer answer a Poll.
              hold                            Stays Down until "release".
              release                         May come up again.
              clear                           Takes back all of the above.

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
        try withOutput {
            let request = Request.signalPeer(name: name, signal: signal)
            guard case .signal(let report) = try control.ask(request) else {
                throw control.unexpected()
            }
            try StandardStreams.print(
                control.json ? try ControlCoding.text(report) : Self.line(report))
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
