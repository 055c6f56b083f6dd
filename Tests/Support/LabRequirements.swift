internal import Foundation

/// What a machine needs before labs can be built on it.
public enum LabRequirements {
    private static let tools = [
        "/usr/sbin/bird": "bird2", "/usr/lib/frr/bfdd": "frr", "/usr/bin/vtysh": "frr",
        "/usr/bin/tshark": "tshark", "/usr/bin/nsenter": "util-linux", "/usr/sbin/ip": "iproute2",
        "/usr/sbin/nft": "nftables",
    ]

    /// What is missing, empty when labs can be built.
    public static let missing: [String] = {
        var missing = getuid() == 0 ? [] : ["root's rights"]
        let absent = tools.filter { !FileManager.default.isExecutableFile(atPath: $0.key) }
        missing += absent.map { "\($0.key) (package \($0.value))" }.sorted()
        return missing
    }()

    /// Why tests that need labs are skipped.
    public static var reason: String { "missing: \(missing.joined(separator: ", "))" }

    /// Whether tests that need labs run: always under CI, where something missing is a failure.
    public static var areTestsEnabled: Bool {
        missing.isEmpty || ProcessInfo.processInfo.environment["CI"] != nil
    }

    static func check() throws {
        guard missing.isEmpty else { throw LabError(reason) }
    }
}
