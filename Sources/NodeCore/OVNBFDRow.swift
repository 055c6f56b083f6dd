/// A row of the table `BFD` in OVN's northbound database; its JSON has OVN's own names.
public struct OVNBFDRow: Codable, Sendable, Hashable {
    /// The logical router port that OVN sends from.
    public var logicalPort: String
    /// Whom it sends to: an address of ours.
    public var destination: String
    /// `up`, `down`, `init` or `admin_down`; empty when it was not shown.
    public var status: String
    /// In milliseconds; OVN's default is 1000.
    public var minTx: Int
    /// In milliseconds; OVN's default is 1000.
    public var minRx: Int
    /// OVN's default is 5.
    public var detectMultiplier: Int

    /// A row by its parts.
    public init(
        logicalPort: String = "", destination: String, status: String = "", minTx: Int = 1_000,
        minRx: Int = 1_000, detectMultiplier: Int = 5
    ) {
        self.logicalPort = logicalPort
        self.destination = destination
        self.status = status
        self.minTx = minTx
        self.minRx = minRx
        self.detectMultiplier = detectMultiplier
    }

    private enum CodingKeys: String, CodingKey {
        case logicalPort = "logical_port"
        case destination = "dst_ip"
        case status
        case minTx = "min_tx"
        case minRx = "min_rx"
        case detectMultiplier = "detect_mult"
    }

    /// The rows in what `ovn-nbctl list BFD` prints, or in pairs such as `dst_ip=… min_tx=…`.
    ///
    /// A row ends at an empty line. Keys that are not ours to judge are left out; a row without
    /// `dst_ip` is none.
    public static func rows(in text: String) -> [OVNBFDRow] {
        var rows: [OVNBFDRow] = []
        var values: [String: String] = [:]
        func finish() {
            if let row = OVNBFDRow(values) { rows.append(row) }
            values = [:]
        }
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.allSatisfy(\.isWhitespace) {
                finish()
            } else if let colon = line.firstIndex(of: ":"), !line[..<colon].contains("=") {
                values[trimmed(line[..<colon])] = trimmed(line[line.index(after: colon)...])
            } else {
                for pair in line.split(whereSeparator: { $0.isWhitespace || $0 == "," }) {
                    guard let equals = pair.firstIndex(of: "=") else { continue }
                    let value = pair[pair.index(after: equals)...]
                    values[trimmed(pair[..<equals])] = trimmed(value)
                }
            }
        }
        finish()
        return rows
    }

    private init?(_ values: [String: String]) {
        guard let destination = values["dst_ip"], !destination.isEmpty else { return nil }
        self.init(destination: destination)
        logicalPort = values["logical_port"] ?? ""
        status = values["status"] ?? ""
        if let value = values["min_tx"].flatMap({ Int($0) }) { minTx = value }
        if let value = values["min_rx"].flatMap({ Int($0) }) { minRx = value }
        if let value = values["detect_mult"].flatMap({ Int($0) }) { detectMultiplier = value }
    }

    /// Without blanks around it, and without the quotes and brackets of an optional value.
    private static func trimmed(_ text: Substring) -> String {
        let isWrapping = { (character: Character) in
            character.isWhitespace || character == "\"" || character == "[" || character == "]"
        }
        let rest = text.drop(while: isWrapping)
        guard let last = rest.lastIndex(where: { !isWrapping($0) }) else { return "" }
        return String(rest[...last])
    }
}
