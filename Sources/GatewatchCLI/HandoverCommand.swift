internal import ArgumentParser

/// `gatewatch handover`.
struct HandoverCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "handover",
        abstract: "Run the daemon in the place of the one that runs, without a packet lost.",
        discussion: """
            A new process, of a new version for example, takes sessions, sockets, timers, sequence \
            numbers and routes over from the daemon that runs with the same state directory; that \
            one ends then, and the new one stays in the foreground. No peer notices. Sessions that \
            the configuration does not have any more end; new ones begin.

            Whatever goes wrong before, the old one goes on. If its sessions are kept in another \
            form than this version knows, it is asked to leave, and this one begins anew, as after \
            a restart: said aloud.

            Examples:
              gatewatch handover /etc/gatewatch/gatewatch.yaml
            """)

    @OptionGroup var arguments: DaemonArguments

    func run() throws {
        try arguments.runDaemon(takingOver: true)
    }
}
