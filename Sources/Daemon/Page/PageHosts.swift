internal import Foundation
internal import RouteCore

/// The names under which the status page is served.
///
/// The port asks nobody who he is, and a web site can have its own name lead to 127.0.0.1, so that
/// what its script reads here counts as its own (DNS rebinding). Addresses, `localhost` and the
/// machine's name are nothing that a stranger can make lead elsewhere.
struct PageHosts: Sendable {
    /// What the machine calls itself, in lower case.
    let machineName: String

    init(machineName: String) {
        self.machineName = machineName.lowercased()
    }

    /// The names that hold on this machine.
    static var ofThisMachine: PageHosts {
        let path = "/proc/sys/kernel/hostname"
        let name = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        return PageHosts(machineName: name.trimmingCharacters(in: .whitespacesAndNewlines))
    }

    /// Whether a request may be answered that was sent to `authority`, the host and perhaps its
    /// port; nil when the client did not say.
    func contains(_ authority: String?) -> Bool {
        guard let authority else { return true }
        guard let host = Self.host(of: authority) else { return false }
        if HostAddress(host) != nil { return true }
        let name = host.lowercased()
        return name == "localhost" || name.hasSuffix(".localhost")
            || !machineName.isEmpty && name == machineName
    }

    /// The host without its port and brackets; nil for what is none.
    private static func host(of authority: String) -> String? {
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { return nil }
            let address = authority[authority.index(after: authority.startIndex)..<end]
            let rest = authority[authority.index(after: end)...]
            guard isPort(rest), address.contains(":") else { return nil }
            return String(address)
        }
        let end = authority.firstIndex(of: ":") ?? authority.endIndex
        guard isPort(authority[end...]) else { return nil }
        return String(authority[..<end])
    }

    private static func isPort(_ text: Substring) -> Bool {
        guard !text.isEmpty else { return true }
        return text.first == ":" && text.dropFirst().utf8.allSatisfy { (0x30...0x39).contains($0) }
    }
}
