internal import Foundation

/// What a machine needs before labs can be built on it.
public enum LabRequirements {
    private static let tools = [
        "/usr/sbin/bird": "bird2", "/usr/lib/frr/bfdd": "frr", "/usr/bin/vtysh": "frr",
        "/usr/bin/tshark": "tshark", "/usr/bin/nsenter": "util-linux", "/usr/sbin/ip": "iproute2",
        "/usr/sbin/nft": "nftables", "/usr/bin/strace": "strace", "/usr/sbin/setcap": "libcap2-bin",
        "/usr/bin/systemd-analyze": "systemd", "/usr/bin/setpriv": "util-linux",
    ]

    /// What else it takes to build a package and to try it in a system of its own.
    private static let packagingTools = [
        "/usr/sbin/debootstrap": "debootstrap", "/usr/bin/dpkg-shlibdeps": "dpkg-dev",
        "/usr/bin/groff": "groff-base", "/usr/bin/python3": "python3",
    ]

    /// What is missing, empty when labs can be built.
    public static let missing: [String] =
        (getuid() == 0 ? [] : ["root's rights"]) + absent(tools)

    /// What is missing, empty when packages can be built and tried.
    public static let missingForPackaging: [String] = missing + absent(packagingTools)

    /// What is missing, empty when pages can be looked at in a browser.
    public static let missingForBrowsing: [String] =
        missing + absent(["/usr/bin/chromium": "chromium"])

    private static func absent(_ tools: [String: String]) -> [String] {
        tools.filter { !FileManager.default.isExecutableFile(atPath: $0.key) }
            .map { "\($0.key) (package \($0.value))" }.sorted()
    }

    /// Why tests that need labs are skipped.
    public static var reason: String { "missing: \(missing.joined(separator: ", "))" }

    /// Whether tests that need labs run: always under CI, where something missing is a failure.
    public static var areTestsEnabled: Bool { missing.isEmpty || isUnderCI }

    /// The same of tests that need packaging.
    public static var arePackagingTestsEnabled: Bool { missingForPackaging.isEmpty || isUnderCI }

    /// The same of tests that need a browser.
    public static var areBrowsingTestsEnabled: Bool { missingForBrowsing.isEmpty || isUnderCI }

    private static var isUnderCI: Bool { ProcessInfo.processInfo.environment["CI"] != nil }

    static func check() throws {
        guard missing.isEmpty else { throw LabError(reason) }
    }
}
