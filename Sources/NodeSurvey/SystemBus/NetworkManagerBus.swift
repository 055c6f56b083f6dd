internal import NodeCore

/// What NetworkManager says of itself on the system bus.
struct NetworkManagerBus {
    /// Its process, in the eyes of the bus.
    let process: Int32
    let version: String?
    let devices: [NetworkManagerTraces.Device]

    private static let name = "org.freedesktop.NetworkManager"
    private static let properties = "org.freedesktop.DBus.Properties"
    /// All questions together; whoever asks may hold up a person, never a session.
    private static let patience: Int64 = 2_000_000_000

    /// Asks at the socket of a bus; nil when NetworkManager is not on it.
    static func asked(at path: String) throws(BusError) -> NetworkManagerBus? {
        var bus = try BusConnection.opened(at: path, nanoseconds: patience)
        let process: BusValue?
        do throws(BusError) {
            process = try bus.ask(BusConnection.bus("GetConnectionUnixProcessID", name)).first
        } catch {
            guard case .answered("org.freedesktop.DBus.Error.NameHasNoOwner") = error else {
                throw error
            }
            return nil
        }
        let version = try bus.ask(
            BusCall(
                destination: name, path: "/org/freedesktop/NetworkManager", interface: properties,
                member: "Get", arguments: [name, "Version"]))
        let objects = try bus.ask(
            BusCall(
                destination: name, path: "/org/freedesktop",
                interface: "org.freedesktop.DBus.ObjectManager", member: "GetManagedObjects"))
        return NetworkManagerBus(
            process: Int32(truncatingIfNeeded: process?.number ?? 0), version: version.first?.text,
            devices: devices(objects.first))
    }

    /// The devices among all of NetworkManager's objects.
    private static func devices(_ objects: BusValue?) -> [NetworkManagerTraces.Device] {
        guard case .dictionary(let objects)? = objects else { return [] }
        return objects.values.compactMap { interfaces in
            guard let device = interfaces["\(name).Device"],
                let interface = device["Interface"]?.text, let isManaged = device["Managed"]?.flag
            else { return nil }
            return NetworkManagerTraces.Device(interface: interface, isManaged: isManaged)
        }.sorted { $0.interface < $1.interface }
    }
}
