internal import ArgumentParser
internal import ControlProtocol
internal import Daemon

/// `gatewatch peer`.
struct PeerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "peer",
        abstract: "Take a peer out of service or back into it, change it, or tell it something.",
        discussion: """
            Examples:
              gatewatch peer disable tor-a    Drain a gateway before its maintenance.
              gatewatch peer enable tor-a     Use it again.
              gatewatch peer add tor-c 10.9.0.3 --save
              gatewatch peer set tor-a local-multiplier=5
              gatewatch peer remove tor-c
              gatewatch peer reset tor-a      Have its session begin anew.
              gatewatch peer signal tor-a path-down
            """,
        subcommands: [
            PeerEnableCommand.self, PeerDisableCommand.self, PeerAddCommand.self,
            PeerSetCommand.self, PeerRemoveCommand.self, PeerResetCommand.self,
            PeerSignalCommand.self,
        ])
}

/// `gatewatch peer enable`.
struct PeerEnableCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enable",
        abstract: "Let a disabled peer's session come up again.",
        discussion: """
            Example:
              gatewatch peer enable tor-a
            """)

    @Argument(help: "The peer's name, as \"gatewatch status\" shows it.")
    var name: String

    @OptionGroup var control: ControlOptions

    func run() throws {
        try PeerText.run(self, .enablePeer(name: name), control)
    }
}

/// `gatewatch peer disable`.
struct PeerDisableCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "disable",
        abstract: "Take a peer's session down and its next hops out of routes.",
        discussion: """
            The peer is told AdminDown, which it does not take for a failure of the path. The \
            session stays down until it is enabled, or until the daemon is started again; a reload \
            changes nothing in that. Next hops stay where a route says "on-admin-down: keep".

            Example:
              gatewatch peer disable tor-a
            """)

    @Argument(help: "The peer's name, as \"gatewatch status\" shows it.")
    var name: String

    @OptionGroup var control: ControlOptions

    func run() throws {
        try PeerText.run(self, .disablePeer(name: name), control)
    }
}

/// What became of a peer, as people read it.
enum PeerText {
    static func run(
        _ command: some ParsableCommand, _ request: Request, _ control: ControlOptions
    ) throws {
        try command.withOutput {
            guard case .peer(let report) = try control.ask(request) else {
                throw control.unexpected()
            }
            try StandardStreams.print(
                control.json ? try ControlCoding.text(report) : line(report))
        }
    }

    static func line(_ report: PeerReport) -> String {
        let state = report.isAdministrativelyDown ? "disabled" : "enabled"
        return report.hasChanged
            ? "Peer \(report.name) is \(state) now." : "Peer \(report.name) was \(state) already."
    }
}
