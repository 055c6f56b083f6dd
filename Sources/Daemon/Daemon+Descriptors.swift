internal import BFDCore
internal import BFDDriver
internal import Gatewatch
internal import LinuxSystem

extension Daemon {
    /// Descriptors beside those of sessions: sockets that all receive by, netlink, loops, clients.
    private static var descriptorMargin: Int { 256 }

    /// Raises the soft limit of descriptors to what the sessions need; says so if that cannot be.
    static func allowDescriptors(for configuration: DaemonConfiguration) throws(DaemonError) {
        let sessions = configuration.socketCount
        let need = sessions + descriptorMargin
        // Clients share what there is, and are worth no failure.
        if (try? DescriptorLimit.raise(to: need + HTTPService.maximumClients)) == true { return }
        let hardLimit: UInt64
        do throws(SystemError) {
            if try DescriptorLimit.raise(to: need) { return }
            hardLimit = try DescriptorLimit.limits().hard
        } catch {
            throw DaemonError(.driver(.system(error)))
        }
        throw .descriptors(need, for: sessions, hardLimit: hardLimit)
    }
}

extension DaemonConfiguration {
    /// How many sockets the sessions take: one each, and another for Echo packets.
    var socketCount: Int {
        peers.reduce(0) { $0 + ($1.desiredMinEchoTxInterval.count > 0 ? 2 : 1) }
            + unsolicited.reduce(0) { $0 + $1.maximumSessions }
    }
}

extension DaemonError {
    /// A limit that only who starts the daemon can raise.
    static func descriptors(_ need: Int, for sockets: Int, hardLimit: UInt64) -> DaemonError {
        DaemonError(
            code: "descriptors",
            "\(need) descriptors are needed, \(sockets) of them as sockets of sessions, and the "
                + "hard limit is \(hardLimit)",
            nextStep: "Raise it: LimitNOFILE=\(need) in the systemd unit, --ulimit "
                + "nofile=\(need) for a container, prlimit --nofile=\(need) in a shell.")
    }
}
