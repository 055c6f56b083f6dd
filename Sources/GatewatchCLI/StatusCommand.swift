internal import ArgumentParser
internal import ControlProtocol
internal import Daemon
internal import LinuxSystem

/// `gatewatch status`.
struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show the sessions of the running daemon, or one of them in full.",
        discussion: """
            A session that is not up is explained: what was seen, what that means, what to do \
            next. For that the links are watched for up to two seconds; nothing is sent.

            Examples:
              gatewatch status
              gatewatch status tor-a
              gatewatch status --privileges
              gatewatch status --json | jq '.sessions[] | select(."admin-down")'
            """)

    @Argument(help: "The name of a peer, to see everything about its session.")
    var peer: String?

    @Flag(help: "Show what the daemon may do: user, capabilities and what each is for.")
    var privileges = false

    @OptionGroup var control: ControlOptions

    func run() throws {
        try withOutput {
            guard case .status(var report) = try control.ask(.status(peer: peer)) else {
                throw control.unexpected()
            }
            if peer != nil, let session = report.sessions.first, session.running.localState != .up {
                report.sessions[0].causes = try causes(of: session.name)
            }
            if control.json {
                try StandardStreams.print(ControlCoding.text(report))
                return
            }
            if privileges {
                guard let held = report.privileges else { throw control.unexpected() }
                try StandardStreams.print(PrivilegeText.table(held))
                return
            }
            let now = Timestamp(realtimeNanoseconds: Clock.realtimeNanoseconds())
            if peer != nil, let session = report.sessions.first {
                try StandardStreams.print(SessionText.full(session, now: now))
            } else {
                try StandardStreams.print(SessionText.table(report, now: now))
            }
        }
    }

    /// Why a session is not Up; none when it has come up meanwhile.
    private func causes(of peer: String) throws -> [CauseReport]? {
        guard
            case .explanation(let report) = try control.ask(.explain(peer: peer, ovnRows: []))
        else { throw control.unexpected() }
        return report.sessions.first?.causes
    }
}
