internal import ControlProtocol
internal import LinuxSystem

extension ControlClient {
    /// The error for an answer that is none.
    func misunderstood() -> CommandError {
        CommandError(
            "the answer of the daemon at \(path) cannot be understood",
            nextStep: "Use the gatewatch command of the daemon's version; this one is "
                + "\(ProductVersion.text).")
    }

    /// The error for a connection that ended too early.
    func disconnected(_ reason: String) -> CommandError {
        CommandError(
            "the daemon at \(path) went away: \(reason)",
            nextStep: "See whether it still runs, and its log: systemctl status gatewatch")
    }

    /// Why there is no connection, and what to do.
    static func unreachable(_ path: String, _ errno: Errno) -> CommandError {
        switch errno {
        case .noSuchFile:
            CommandError(
                "no daemon: there is no control socket at \(path)",
                nextStep: "Start it with \"gatewatch run FILE\", or name the socket of the one "
                    + "that runs with --socket PATH (\"control.socket\" in its configuration).")
        case .permissionDenied, .operationNotPermitted:
            CommandError(
                "no permission to use the control socket \(path)",
                nextStep: "Run the command as root or as the user of the daemon, such as with "
                    + "sudo.")
        case .connectionRefused:
            CommandError(
                "nobody serves the control socket \(path): the daemon that made it is "
                    + "gone, or it is no socket",
                nextStep: "Start it again with \"gatewatch run FILE\"; it replaces the socket by "
                    + "itself.")
        default:
            CommandError(
                "cannot connect to the control socket \(path): \(errno)",
                nextStep: "Check the path given with --socket.")
        }
    }
}
