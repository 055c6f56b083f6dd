internal import ArgumentParser
internal import ControlProtocol
internal import Daemon

/// `gatewatch peer add`.
struct PeerAddCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Add a peer while the daemon runs.",
        discussion: """
            SETTINGS are session keys of the configuration file with their values; those of its \
            "defaults" hold as well. Without --save the peer is gone after a restart, is listed as \
            unsaved, and survives a reload.

            Examples:
              gatewatch peer add tor-c 10.9.0.3
              gatewatch peer add tor-c 10.9.0.3 interface=ovnext0 local-multiplier=5 --save
            """)

    @Argument(help: "The peer's name.")
    var name: String

    @Argument(help: "Its address.")
    var address: String

    @Argument(help: "Such as local-multiplier=5.", transform: PeerEdit.Setting.init(argument:))
    var settings: [PeerEdit.Setting] = []

    @Flag(help: "Write it to the configuration file, too.")
    var save = false

    @OptionGroup var control: ControlOptions

    func run() throws {
        let address = PeerEdit.Setting(key: "dest-addr", value: address)
        try PeerEditText.run(
            self, PeerEdit(.add, peer: name, settings: [address] + settings, saves: save), control)
    }
}

/// `gatewatch peer set`.
struct PeerSetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Change a peer while the daemon runs.",
        discussion: """
            SETTINGS are session keys of the configuration file with their values. Timers change \
            by a Poll Sequence, without a flap; another address or interface means a new session. \
            With --save all that was changed of the peer is written to the file.

            Examples:
              gatewatch peer set tor-a local-multiplier=5
              gatewatch peer set tor-a desired-min-tx-interval=100ms --save
            """)

    @Argument(help: "The peer's name, as \"gatewatch status\" shows it.")
    var name: String

    @Argument(help: "Such as local-multiplier=5.", transform: PeerEdit.Setting.init(argument:))
    var settings: [PeerEdit.Setting] = []

    @Flag(help: "Write it to the configuration file, too.")
    var save = false

    @OptionGroup var control: ControlOptions

    func validate() throws {
        guard settings.isEmpty, !save else { return }
        throw ValidationError("Say what to set, such as local-multiplier=5.")
    }

    func run() throws {
        try PeerEditText.run(
            self, PeerEdit(.set, peer: name, settings: settings, saves: save), control)
    }
}

/// `gatewatch peer remove`.
struct PeerRemoveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Remove a peer while the daemon runs.",
        discussion: """
            Its next hops leave the routes, and it is told AdminDown for its detection time. With \
            --save it goes from the file, too, if no route names it there.

            Example:
              gatewatch peer remove tor-c --save
            """)

    @Argument(help: "The peer's name, as \"gatewatch status\" shows it.")
    var name: String

    @Flag(help: "Take it out of the configuration file, too.")
    var save = false

    @OptionGroup var control: ControlOptions

    func run() throws {
        try PeerEditText.run(self, PeerEdit(.remove, peer: name, saves: save), control)
    }
}

extension PeerEdit.Setting {
    /// `KEY=VALUE`.
    init(argument: String) throws {
        let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty else {
            throw ValidationError("\"\(argument)\" is not KEY=VALUE, such as local-multiplier=5")
        }
        self.init(key: String(parts[0]), value: String(parts[1]))
    }
}

/// What became of a change, as people read it.
enum PeerEditText {
    static func run(
        _ command: some ParsableCommand, _ edit: PeerEdit, _ control: ControlOptions
    ) throws {
        try command.withOutput {
            guard case .edit(let report) = try control.ask(.editPeer(edit), isPatient: true) else {
                throw control.unexpected()
            }
            if control.json {
                try StandardStreams.print(ControlCoding.text(report))
                return
            }
            report.warnings.forEach(StandardStreams.printError)
            try StandardStreams.print(text(report))
        }
    }

    static func text(_ report: PeerEditReport) -> String {
        let what =
            switch report.action {
            case .add: "added"
            case .set: "changed"
            case .remove: "removed"
            }
        let details = report.changes.isEmpty ? "" : ": \(report.changes.joined(separator: ", "))"
        let restart = report.restarts ? " with a new session" : ""
        let done =
            report.hasChanged
            ? "Peer \(report.peer) \(what)\(restart)\(details)."
            : "Peer \(report.peer) was like that already."
        return done
            + (report.savedTo.map { "\nSaved to \($0)." }
                ?? (report.hasChanged ? "\nNot saved: a restart forgets it." : ""))
    }
}
