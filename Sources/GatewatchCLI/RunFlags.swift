internal import ArgumentParser
internal import Daemon

/// The options with which `run` does without a file.
struct RunFlags: ParsableArguments {
    @Option(help: ArgumentHelp("Network namespace, by name or path.", valueName: "name"))
    var namespace: String?

    @Option(
        help: ArgumentHelp(
            "A peer; repeat for more. A link-local one needs an interface: fe80::1%eth0.",
            valueName: "address"))
    var peer: [String] = []

    @Option(
        help: ArgumentHelp(
            "A route over all peers of its family, such as 0.0.0.0/0; repeat for more.",
            valueName: "prefix"))
    var route: [String] = []

    @Option(
        help: ArgumentHelp(
            "How often to send, and to expect, a packet, with a unit (default: 300ms).",
            valueName: "duration"))
    var interval: String?

    @Option(
        help: ArgumentHelp(
            "How many packets may be missed, 1 to 255 (default: 3).", valueName: "number"))
    var multiplier: String?

    @Option(help: ArgumentHelp("Our address.", valueName: "address"))
    var source: String?

    @Option(help: ArgumentHelp("Table of the routes (default: main).", valueName: "table"))
    var table: String?

    @Option(help: ArgumentHelp("Metric of the routes.", valueName: "number"))
    var metric: String?

    @Option(
        help: ArgumentHelp(
            "What AdminDown means for a next hop: withdraw or keep (default: withdraw).",
            valueName: "policy"))
    var onAdminDown: String?

    @Option(
        help: ArgumentHelp(
            "A route without live peers: withdraw, keep-last or blackhole (default: withdraw).",
            valueName: "policy"))
    var whenNoneUp: String?

    @Option(
        help: ArgumentHelp(
            "Routes at the stop: withdraw or keep (default: withdraw).", valueName: "policy"))
    var stopRoutes: String?

    @Option(
        help: ArgumentHelp(
            "Control socket (default: \(DaemonConfiguration.defaultControlSocket)).",
            valueName: "path"))
    var socket: String?

    @Option(
        help: ArgumentHelp(
            "Kept state (default: \(DaemonConfiguration.defaultStateDirectory)).",
            valueName: "path"))
    var stateDirectory: String?

    @Option(
        help: ArgumentHelp(
            "trace, debug, info, notice, warning, error or critical (default: info).",
            valueName: "level"))
    var logLevel: String?

    @Option(help: ArgumentHelp("text or json (default: text).", valueName: "format"))
    var logFormat: String?

    /// The same, as the daemon takes them.
    var configurationFlags: ConfigurationFlags {
        var flags = ConfigurationFlags()
        flags.namespace = namespace
        flags.peers = peer
        flags.routes = route
        flags.interval = interval
        flags.multiplier = multiplier
        flags.source = source
        flags.table = table
        flags.metric = metric
        flags.onAdminDown = onAdminDown
        flags.whenNoneUp = whenNoneUp
        flags.stopRoutes = stopRoutes
        flags.socket = socket
        flags.stateDirectory = stateDirectory
        flags.logLevel = logLevel
        flags.logFormat = logFormat
        return flags
    }
}
