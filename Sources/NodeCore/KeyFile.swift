/// A file of sections and keys, as GLib writes and reads them.
struct KeyFile {
    struct Section {
        let name: String
        var entries: [(key: String, value: String)]
    }

    private(set) var sections: [Section] = []

    init(_ text: String) {
        for line in text.split(whereSeparator: \.isNewline) {
            let line = line.trimmed
            if line.isEmpty || line.hasPrefix("#") || line.hasPrefix(";") { continue }
            if line.hasPrefix("["), line.hasSuffix("]") {
                let name = String(line.dropFirst().dropLast())
                sections.append(Section(name: name, entries: []))
            } else if let equals = line.firstIndex(of: "="), !sections.isEmpty {
                let value = line[line.index(after: equals)...].trimmed
                sections[sections.count - 1].entries.append(
                    (String(line[..<equals].trimmed), String(value)))
            }
        }
    }

    /// The last value of a key; nil when no such section has it.
    func value(_ key: String, in section: String) -> String? {
        sections.last { $0.name == section && $0.value(key) != nil }?.value(key)
    }

    /// A value that says yes or no.
    func flag(_ key: String, in section: String) -> Bool? {
        value(key, in: section).flatMap(Self.flag)
    }

    static func flag(_ text: String) -> Bool? {
        switch text.lowercased() {
        case "true", "yes", "on", "1": true
        case "false", "no", "off", "0": false
        default: nil
        }
    }
}

extension KeyFile.Section {
    func value(_ key: String) -> String? { entries.last { $0.key == key }?.value }
}

extension Substring {
    /// The text without blanks at its ends.
    var trimmed: Substring {
        let start = drop { $0 == " " || $0 == "\u{9}" }
        guard let last = start.lastIndex(where: { $0 != " " && $0 != "\u{9}" }) else { return "" }
        return start[...last]
    }
}
