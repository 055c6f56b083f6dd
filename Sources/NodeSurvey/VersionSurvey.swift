public import LinuxSystem
public import NodeCore

/// Finds the versions of the programs around us in the files they leave; runs none of them.
public struct VersionSurvey: Sendable {
    private let tree: FileTree

    /// A survey of the machine, or of a tree that stands for one.
    public init(_ tree: FileTree = FileTree()) {
        self.tree = tree
    }

    /// What was found, in the order of the products.
    public func versions() -> [SoftwareVersion] {
        SoftwareVersion.Product.allCases.compactMap { product in
            switch product {
            case .kubeOVN:
                search(product, ["/var/log/kube-ovn"], "kube-ovn-cni", SoftwareVersion.kubeOVN)
            case .ovn:
                search(product, ["/var/log/ovn"], "ovn-controller", SoftwareVersion.ovn)
            case .openVSwitch:
                search(
                    product, ["/var/log/openvswitch"], "ovs-vswitchd", SoftwareVersion.openVSwitch)
                    ?? search(
                        product, ["/etc/openvswitch", "/etc/origin/openvswitch"], "conf.db",
                        SoftwareVersion.openVSwitch)
            case .networkManager: networkManager()
            case .kernel:
                tree.text("/proc/sys/kernel/osrelease").map { text in
                    SoftwareVersion(
                        .kernel, String(text.prefix { !$0.isWhitespace }),
                        source: "/proc/sys/kernel/osrelease")
                }
            }
        }
    }

    /// The first file whose name begins so and that tells a version; the newest log has the
    /// shortest name.
    private func search(
        _ product: SoftwareVersion.Product, _ directories: [String], _ prefix: String,
        _ version: (String) -> String?
    ) -> SoftwareVersion? {
        for directory in directories {
            let names = tree.names(in: directory).filter { $0.hasPrefix(prefix) }
            for name in names.sorted(by: { $0.count < $1.count }) {
                let path = "\(directory)/\(name)"
                if let text = tree.text(path).flatMap(version) {
                    return SoftwareVersion(product, text, source: path)
                }
            }
        }
        return nil
    }

    /// Its plugins are in a directory that has the version's name; or dpkg knows it.
    private func networkManager() -> SoftwareVersion? {
        let libraries =
            ["/usr/lib64"] + tree.names(in: "/usr/lib").map { "/usr/lib/\($0)" } + ["/usr/lib"]
        for library in libraries {
            let directory = library + "/NetworkManager"
            let versions = tree.names(in: directory).filter { $0.first?.isNumber == true }
            guard let version = versions.last else { continue }
            return SoftwareVersion(.networkManager, version, source: "\(directory)/\(version)")
        }
        let status = tree.text("/var/lib/dpkg/status") ?? ""
        var isOurs = false
        for line in status.split(separator: "\n") {
            if line.hasPrefix("Package: ") { isOurs = line == "Package: network-manager" }
            guard isOurs, line.hasPrefix("Version: ") else { continue }
            return SoftwareVersion(
                .networkManager, String(line.dropFirst(9)), source: "/var/lib/dpkg/status")
        }
        return nil
    }
}

/// What a process may do, as its status in `/proc` says.
public enum CapabilitySurvey {
    private static let needed = [
        (10, "CAP_NET_BIND_SERVICE"), (12, "CAP_NET_ADMIN"), (13, "CAP_NET_RAW"),
        (21, "CAP_SYS_ADMIN"),
    ]

    /// Whether this process has what the daemon needs.
    public static func trial(_ tree: FileTree = FileTree()) -> Trial {
        let lines = tree.text("/proc/self/status")?.split(separator: "\n") ?? []
        guard let line = lines.first(where: { $0.hasPrefix("CapEff:") }),
            let bits = UInt64(line.dropFirst(7).filter { !$0.isWhitespace }, radix: 16)
        else { return .notTried("/proc/self/status cannot be read") }
        let missing = needed.filter { bits >> UInt64($0.0) & 1 == 0 }.map(\.1)
        return missing.isEmpty
            ? .works(needed.map(\.1).joined(separator: ", "))
            : .fails("\(missing.joined(separator: ", ")) missing")
    }
}
