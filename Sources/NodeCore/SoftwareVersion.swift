/// A program's version, where it could be found.
public struct SoftwareVersion: Sendable, Hashable {
    /// Programs whose version matters here.
    public enum Product: String, Sendable, Hashable, CaseIterable {
        /// Kube-OVN's agent on the node.
        case kubeOVN = "Kube-OVN"
        /// ovn-controller.
        case ovn = "OVN"
        /// ovs-vswitchd.
        case openVSwitch = "Open vSwitch"
        /// NetworkManager.
        case networkManager = "NetworkManager"
        /// The kernel.
        case kernel = "Linux"
    }

    /// Whose it is.
    public var product: Product
    /// As it was found, such as `v1.12.20`.
    public var text: String
    /// The file that says so.
    public var source: String

    /// A version by its parts.
    public init(_ product: Product, _ text: String, source: String) {
        self.product = product
        self.text = text
        self.source = source
    }

    /// Its leading numbers, such as 1, 12 and 20.
    public var numbers: [Int] {
        let digits = text.drop { !$0.isNumber }.prefix { $0.isNumber || $0 == "." }
        return digits.split(separator: ".").compactMap { Int($0) }
    }

    /// Whether it is older than another one.
    func isBefore(_ other: [Int]) -> Bool { numbers.lexicographicallyPrecedes(other) }

    /// What is known of it that an operator of gateways should know.
    public var notes: [String] {
        guard !numbers.isEmpty else { return [] }
        return switch product {
        case .kubeOVN: kubeOVNNotes
        case .ovn:
            [
                "its BFD speaks first, knows no authentication, counts in whole milliseconds, and "
                    + "holds on to our discriminator: use profile: ovn",
                "admin_down in its table BFD means that no route or policy uses the row, nothing "
                    + "else",
            ]
        case .networkManager:
            isBefore([1, 6])
                ? ["kube-ovn-cni leaves its links alone: it is older than 1.6"]
                : numbers.starts(with: [1, 18])
                    ? ["kube-ovn-cni leaves links with DNS settings alone: it is 1.18"] : []
        case .openVSwitch, .kernel: []
        }
    }

    private var kubeOVNNotes: [String] {
        let isUnprivileged =
            numbers.starts(with: [1, 12]) ? !isBefore([1, 12, 20]) : !isBefore([1, 13])
        return [
            isUnprivileged
                ? "kube-ovn-cni mounts ovnext in its own pod only, so the host sees a plain file "
                    + "(\"Invalid argument\"): make the namespace before the pod starts, with "
                    + "gatewatch namespace ensure, or adopt it"
                : "kube-ovn-cni mounts ovnext for the host, too",
            "its bfdd-beacon in ovnext runs with 1 s x 3, whatever --bfd-min-tx and --detect-mult "
                + "say, and ends whenever the pod restarts",
        ]
    }

    /// What `kube-ovn-cni` writes when it starts.
    public static func kubeOVN(inLog text: String) -> String? {
        guard let place = text.ranges(of: "Kube-OVN:").last else { return nil }
        return value(after: "Version:", in: text[place.upperBound...])
    }

    /// What `ovn-controller` writes when it starts: `OVN internal version is : [23.03.1-20.27.0]`.
    public static func ovn(inLog text: String) -> String? {
        guard let place = text.ranges(of: "OVN internal version is : [").last else { return nil }
        return String(text[place.upperBound...].prefix { $0 != "]" && $0 != "-" })
    }

    /// What `ovs-vswitchd` writes when it starts, or the database keeps.
    public static func openVSwitch(inLog text: String) -> String? {
        value(after: "ovs-vswitchd (Open vSwitch) ", in: text[...])
            ?? text.ranges(of: "\"ovs_version\":\"").last.map { place in
                String(text[place.upperBound...].prefix { $0 != "\"" })
            }
    }

    /// The first word after the last place of a mark.
    private static func value(after mark: String, in text: Substring) -> String? {
        guard let place = text.ranges(of: mark).last else { return nil }
        let word = text[place.upperBound...].drop { $0 == " " }
            .prefix { !$0.isWhitespace && $0 != "\"" && $0 != "\\" }
        return word.isEmpty ? nil : String(word)
    }
}
