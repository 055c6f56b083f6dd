internal import ArgumentParser
internal import ControlProtocol
internal import Daemon

/// `gatewatch reload`.
struct ReloadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload",
        abstract: "Have the running daemon read its configuration file again.",
        discussion: """
            The whole file is checked first; with any error in it, what was in force stays. \
            Sessions that do not change are not touched, other timers come by a Poll Sequence, and \
            next hops that stay never leave their routes. The daemon does the same by itself when \
            the file changes, and at SIGHUP.

            What was changed at run time and not saved stays, where the file does not say \
            otherwise by now; with --discard it goes.

            Examples:
              gatewatch reload --dry-run    What would change.
              gatewatch reload
              gatewatch reload --discard    The file, and nothing else.
            """)

    @Flag(help: "Only say what would change.")
    var dryRun = false

    @Flag(help: "Also undo what was changed at run time and not saved.")
    var discard = false

    @OptionGroup var control: ControlOptions

    func run() throws {
        try withOutput {
            let request = Request.reload(isDryRun: dryRun, discardsUnsaved: discard)
            guard case .reload(let report) = try control.ask(request, isPatient: true) else {
                throw control.unexpected()
            }
            if control.json {
                try StandardStreams.print(ControlCoding.text(report))
                return
            }
            report.warnings.forEach(StandardStreams.printError)
            try StandardStreams.print(ReloadText.text(report))
        }
    }
}

/// What a reload changed, as people read it.
enum ReloadText {
    /// The outcome, then everything that comes (`+`), changes (`~`) or goes (`-`).
    static func text(_ report: ReloadReport) -> String {
        var lines = ["\(report.file): \(outcome(report))"]
        lines += changes("peers", report.peers)
        lines += changes("routes", report.routes)
        lines += changes("unsolicited", report.unsolicited)
        if !report.settings.isEmpty {
            lines.append("  settings")
            lines += report.settings.map { setting in
                let mark = setting.needsRestart ? "!" : "~"
                let note = setting.needsRestart ? ", needs a restart" : ""
                return "    \(mark) \(setting.key) \(setting.from) -> \(setting.to)\(note)"
            }
        }
        lines += unsaved("given way to the file", report.dropped)
        lines += unsaved("changed at run time, not in the file", report.unsaved)
        return lines.joined(separator: "\n")
    }

    /// What was changed at run time and is in no file, if there is any.
    static func unsaved(_ title: String, _ peers: [UnsavedPeer]) -> [String] {
        guard !peers.isEmpty else { return [] }
        return ["  \(title)"]
            + peers.map { peer in
                let settings =
                    peer.settings.isEmpty ? "" : ": \(peer.settings.joined(separator: ", "))"
                return "    * \(peer.name) \(peer.change.rawValue)\(settings)"
            }
    }

    private static func outcome(_ report: ReloadReport) -> String {
        switch report.outcome {
        case .applied: "applied"
        case .unchanged: "nothing has changed"
        case .planned: report.isEmpty ? "nothing would change" : "would be applied"
        }
    }

    private static func changes(_ name: String, _ changes: ReloadReport.Changes) -> [String] {
        guard !changes.isEmpty || changes.unchangedCount > 0 else { return [] }
        let counts = [
            (changes.added.count, "added"), (changes.changed.count, "changed"),
            (changes.removed.count, "removed"), (changes.unchangedCount, "unchanged"),
        ].filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
        return ["  \(name): \(counts.joined(separator: ", "))"]
            + changes.added.map { "    + \($0)" }
            + changes.changed.map { item in
                let note = item.restarts ? " (a new session)" : ""
                return "    ~ \(item.name)\(note): \(item.changes.joined(separator: ", "))"
            }
            + changes.removed.map { "    - \($0)" }
    }
}
