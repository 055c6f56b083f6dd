internal import ControlProtocol
internal import EventLoop
internal import Foundation
internal import Logging
internal import NodeSurvey

extension Daemon {
    /// Where the service manager is asked; a bus elsewhere is named as for other programs.
    private static var bus: String {
        let address = ProcessInfo.processInfo.environment["DBUS_SYSTEM_BUS_ADDRESS"] ?? ""
        let prefix = "unix:path="
        guard address.hasPrefix(prefix) else { return "/run/dbus/system_bus_socket" }
        return String(address.dropFirst(prefix.count).prefix { $0 != "," && $0 != ";" })
    }

    /// Whether the service manager stops this process only to start the next one, which can go on
    /// with its sessions.
    var isBeingRestarted: Bool {
        guard supervision.isHeard, drain == nil else { return false }
        return ServiceManager.isRestarting(at: Self.bus)
    }

    /// Ends as if it had been killed: the next process is started at once, and goes on.
    func makeRoom() {
        let text = "restarted by the service manager: routes stay, the next process goes on"
        record(.daemon, cause: text)
        logger.notice("\(text)")
        supervision.makeRoom()
        memory.keepLast()
        loop.stop()
    }
}
