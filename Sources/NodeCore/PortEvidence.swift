/// A port of an OVS bridge, as the database of Open vSwitch has it.
public struct PortEvidence: Sendable, Hashable {
    /// Whether the database has such a port.
    public var isThere = true
    /// Why the device could not be made; nil when it could.
    public var error: String?
    /// The number that the bridge gave it: -1 when that failed, nil when it was not tried.
    public var number: Int?
    /// What OVN and Kube-OVN have noted about it.
    public var externalIDs: [String: String] = [:]

    /// A port of which nothing is known.
    public init() {}

    /// What keeps the device from being there.
    public var deviceFaults: [String] {
        if !isThere { return ["Open vSwitch has no interface of that name"] }
        if let error, !error.isEmpty { return ["Open vSwitch says \"\(error)\""] }
        if let number, number < 0 { return ["Open vSwitch could not make it (ofport \(number))"] }
        return []
    }

    /// The addresses that it was made for.
    public var addresses: [String] {
        (externalIDs["ip"] ?? "").split { $0 == "," || $0 == " " }.map(String.init)
    }

    /// What keeps OVN from sending by it; `node` is the node's name where it is known.
    public func faults(node: String?) -> [String] {
        guard deviceFaults.isEmpty else { return deviceFaults }
        var faults: [String] = []
        switch externalIDs["iface-id"] {
        case nil: faults.append("external_ids:iface-id is not set")
        case let id? where node != nil && id != node:
            faults.append("external_ids:iface-id is \(id), not the node's name \(node ?? "")")
        case .some: break
        }
        if externalIDs["ovn-installed"] != "true" {
            faults.append(
                "ovn-controller has not claimed it (external_ids:ovn-installed is not true)")
        }
        return faults
    }
}
