internal import ArgumentParser
internal import ControlProtocol
internal import Daemon

/// `gatewatch events`.
struct EventsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events",
        abstract: "Show what happened to sessions and routes, with time and cause.",
        discussion: """
            The daemon keeps the last 10,000 events.

            Examples:
              gatewatch events
              gatewatch events --follow
              gatewatch events --follow --json | jq 'select(.type == "session")'
            """)

    @Flag(help: "Go on with new events as they happen.")
    var follow = false

    @Option(
        help: ArgumentHelp(
            "Leave out events before this sequence number (\"sequence\" with --json).",
            valueName: "number"))
    var since: UInt64?

    @OptionGroup var control: ControlOptions

    func run() throws {
        try withOutput {
            let client = try ControlClient.connected(to: control.socket)
            try client.events(follow: follow, since: since) { record in
                try StandardStreams.print(control.json ? json(record) : EventText.line(record))
            }
        }
    }

    private func json(_ record: EventRecord) throws -> String {
        String(decoding: try ControlCoding.line(record).dropLast(), as: UTF8.self)
    }
}

/// Events as people read them.
enum EventText {
    /// One event in one line.
    static func line(_ record: EventRecord) -> String { words(record).printable }

    private static func words(_ record: EventRecord) -> String {
        var parts = ["\(record.time)", record.kind.rawValue.padded(to: 7)]
        if let subject = subject(record) { parts.append(subject) }
        switch (record.oldState, record.newState) {
        case (let old?, let new?): parts.append("\(old) -> \(new)")
        case (nil, let new?): parts.append(new)
        case (_, nil): break
        }
        // A session keeps its diagnostic while it is up: there it explains nothing.
        if let diagnostic = record.localDiagnostic, diagnostic.wireValue != 0,
            record.newState != SessionStateName.up.rawValue
        {
            parts.append("(\(diagnostic))")
        }
        guard !record.cause.isEmpty else { return parts.joined(separator: "  ") }
        guard parts.count > 2 else { return (parts + [record.cause]).joined(separator: "  ") }
        return "\(parts.joined(separator: "  ")): \(record.cause)"
    }

    private static func subject(_ record: EventRecord) -> String? {
        switch record.kind {
        case .session: record.peer
        case .route: record.prefix ?? record.peer
        case .daemon: record.peer
        }
    }
}
