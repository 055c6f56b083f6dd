internal import RouteCore

/// Reads `metrics`: where metrics and health are served.
struct MetricsReader {
    private static let schema = MappingReader.Schema(
        subject: "metrics", keys: ["listen", "kube-ovn-names", "page"], laterKeys: [])

    let problems: ProblemCollector

    init(_ problems: ProblemCollector) {
        self.problems = problems
    }

    func read(_ value: ConfigurationValue?) -> DaemonConfiguration.Metrics? {
        guard let value, let reader = MappingReader(value, Self.schema, problems) else {
            return nil
        }
        let scalars = ScalarReader(problems)
        var metrics = DaemonConfiguration.Metrics()
        if let text = scalars.text(reader.value("listen"), "listen") {
            if let (address, port) = Self.endpoint(text.value) {
                metrics.address = address
                metrics.port = port
            } else {
                problems.error(
                    text.place,
                    "listen \"\(ConfigurationValue.excerpt(text.value))\" is no address with a "
                        + "port (allowed: such as 127.0.0.1:9470 or [::1]:9470)")
            }
        }
        let names = scalars.bool(reader.value("kube-ovn-names"), "kube-ovn-names")
        if let names { metrics.usesKubeOVNNames = names.value }
        if let page = scalars.bool(reader.value("page"), "page") { metrics.showsPage = page.value }
        return metrics
    }

    private static func endpoint(_ text: String) -> (HostAddress, UInt16)? {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let digits = text[text.index(after: colon)...]
        guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = UInt16(digits),
            port > 0
        else { return nil }
        let host = text[..<colon]
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        let bare = isBracketed ? host.dropFirst().dropLast() : host
        guard let address = HostAddress(String(bare)), isBracketed == (address.family == .ipv6)
        else { return nil }
        return (address, port)
    }
}
