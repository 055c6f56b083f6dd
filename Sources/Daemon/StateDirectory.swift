internal import LinuxSystem

/// The directory where a daemon keeps what outlives it.
enum StateDirectory {
    /// Refuses one that a running daemon keeps its state in: two would overwrite each other's.
    static func checkUnused(_ path: String) throws(DaemonError) {
        // Nobody listens there once its daemon is gone, however it went.
        guard (try? UnixStream.connected(to: HandoverDoor.path(in: path))) != nil else { return }
        throw DaemonError(
            code: "state", "another gatewatch keeps its state in \(path)",
            nextStep: "Stop it, take its sessions over with \"gatewatch handover\", or give this "
                + "one another state-directory and control.socket.")
    }
}
