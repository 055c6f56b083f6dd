internal import LinuxSystem

/// What systemd is about to do with the unit of this process.
public enum ServiceManager {
    private static let name = "org.freedesktop.systemd1"
    private static let properties = "org.freedesktop.DBus.Properties"

    /// Whether the stop it has asked for is the first half of a restart; `false` when nobody says
    /// so within `nanoseconds`.
    ///
    /// The job tells: systemd has no other word for it.
    public static func isRestarting(at path: String, nanoseconds: Int64 = 300_000_000) -> Bool {
        do throws(BusError) {
            var bus = try BusConnection.opened(at: path, nanoseconds: nanoseconds)
            let job = try bus.ask(
                BusCall(
                    destination: name, path: "/org/freedesktop/systemd1/unit/self",
                    interface: properties, member: "Get", arguments: ["\(name).Unit", "Job"]))
            guard case .structure(let parts)? = job.first, parts.count == 2,
                parts[0].number ?? 0 != 0, let object = parts[1].text
            else { return false }
            let kind = try bus.ask(
                BusCall(
                    destination: name, path: object, interface: properties, member: "Get",
                    arguments: ["\(name).Job", "JobType"]))
            return ["restart", "try-restart"].contains(kind.first?.text)
        } catch {
            return false
        }
    }
}
