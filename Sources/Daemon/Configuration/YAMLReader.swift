internal import Yams

/// Turns the octets of a YAML file into values with positions, or says why it cannot.
///
/// All dealings with the YAML package are here. Bounded: octets of the file, values once aliases
/// are expanded, repetitions for duplicate keys; the depth is bounded by the package.
struct YAMLReader {
    static let maximumByteCount = 16 << 20
    static let maximumValueCount = 2_000_000

    let problems: ProblemCollector
    private var remaining = maximumValueCount
    private var mask = DuplicateKeyMask()

    init(_ problems: ProblemCollector) {
        self.problems = problems
    }

    /// The one document of the file; nil after errors, or when there is nothing but comments.
    mutating func read(_ bytes: [UInt8]) -> ConfigurationValue? {
        guard let text = decode(bytes) else { return nil }
        guard let root = compose(text) else {
            if !problems.hasErrors {
                problems.error(
                    nil, "the file is empty; a minimal one is: peers: [{dest-addr: 10.9.0.1}]")
            }
            return nil
        }
        guard let value = convert(root) else {
            problems.error(
                nil, "more than \(Self.maximumValueCount) values once aliases are expanded")
            return nil
        }
        return value
    }

    /// The octets as text, if they are a text at all and of reasonable size.
    private func decode(_ bytes: [UInt8]) -> String? {
        guard bytes.count <= Self.maximumByteCount else {
            problems.error(
                nil,
                "the file is larger than \(Self.maximumByteCount >> 20) MiB; "
                    + "\(DaemonConfiguration.maximumPeerCount) peers fit in a quarter of that")
            return nil
        }
        if bytes.starts(with: [0xff, 0xfe]) || bytes.starts(with: [0xfe, 0xff]) {
            problems.error(nil, "the file is in UTF-16; save it as UTF-8")
            return nil
        }
        if let nul = bytes.firstIndex(of: 0) {
            problems.error(Self.place(after: bytes[..<nul]), "a NUL octet; is this a text file?")
            return nil
        }
        if let hazard = AliasGuard.firstHazard(in: bytes) {
            problems.error(Self.place(after: bytes[..<hazard]), "a key must be a word")
            return nil
        }
        let body = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? bytes.dropFirst(3) : bytes[...]
        if let text = String(validating: body, as: UTF8.self) { return text }
        let valid = Self.validPrefix(of: body)
        problems.error(Self.place(after: body.prefix(valid)), "not UTF-8 from here on")
        return nil
    }

    /// Composes the document, renaming duplicate keys until the package accepts the text.
    private mutating func compose(_ text: String) -> Node? {
        while true {
            do {
                let parser = try Parser(
                    yaml: mask.hasRenamed ? mask.text : text, resolver: .basic)
                return try parser.singleRoot()
            } catch YamlError.duplicatedKeysInMapping(let keys, let context) {
                let place = Place(line: context.mark.line, column: context.mark.column)
                guard mask.rename(keys.first ?? "", at: place, in: text) else {
                    mask.report(problems)
                    problems.error(
                        place,
                        "duplicate key \"\(ConfigurationValue.excerpt(keys.first ?? ""))\"; "
                            + "other errors are shown once it is gone")
                    return nil
                }
            } catch {
                mask.report(problems)
                reportSyntaxError(error, text)
                return nil
            }
        }
    }

    private func reportSyntaxError(_ error: any Error, _ text: String) {
        switch error as? YamlError {
        case .scanner(let context, let problem, let mark, _),
            .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            let place = Place(line: mark.line, column: mark.column)
            problems.error(place, "not valid YAML: \(Self.describe(problem, context, mark, text))")
        case .reader(let problem, let offset, _, _):
            let before = Array(text.prefix(offset ?? 0).utf8)
            problems.error(Self.place(after: before[...]), "not valid YAML: \(problem)")
        default:
            problems.error(nil, "not valid YAML: \(error)")
        }
    }

    private static func describe(
        _ problem: String, _ context: YamlError.Context?, _ mark: Mark, _ text: String
    ) -> String {
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        let line = mark.line <= lines.count ? lines[mark.line - 1] : ""
        if problem.contains("cannot start any token"), line.prefix(mark.column).contains("\t") {
            return "a tab; indent with spaces"
        }
        if problem.contains("nesting level") { return "nested too deeply" }
        if problem.contains("another document") {
            return "a second document begins here; a file holds one configuration"
        }
        if line.contains(" ::") {
            return "\(problem); inside { } and [ ] a text that begins with :: needs quotes"
        }
        guard let context, context.mark.line != mark.line || context.mark.column != mark.column
        else { return problem }
        return "\(problem) (\(context.text) in line \(context.mark.line))"
    }

    /// The package's node as a value; nil once there are too many.
    private mutating func convert(_ node: Node) -> ConfigurationValue? {
        guard remaining > 0 else { return nil }
        remaining -= 1
        let place = Self.place(node)
        switch node {
        case .scalar(let scalar):
            let isQuoted = scalar.style != .plain
            return ConfigurationValue(
                place: place, content: .scalar(.init(text: scalar.string, isQuoted: isQuoted)))
        case .sequence(let sequence):
            var values: [ConfigurationValue] = []
            for item in sequence {
                guard let value = convert(item) else { return nil }
                values.append(value)
            }
            return ConfigurationValue(place: place, content: .sequence(values))
        case .mapping(let mapping):
            return convert(mapping, at: place)
        case .alias:
            problems.error(place, "an alias that leads nowhere")
            return nil
        }
    }

    private mutating func convert(
        _ mapping: Node.Mapping, at place: Place
    ) -> ConfigurationValue? {
        var entries: [ConfigurationValue.Entry] = []
        for (key, item) in mapping {
            guard let value = convert(item) else { return nil }
            let keyPlace = Self.place(key)
            guard let scalar = key.scalar else {
                problems.error(keyPlace, "a key must be a word")
                continue
            }
            let name = mask.original(at: keyPlace) ?? scalar.string
            entries.append(.init(key: name, keyPlace: keyPlace, value: value))
        }
        return ConfigurationValue(place: place, content: .mapping(entries))
    }

    private static func place(_ node: Node) -> Place {
        Place(line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
    }

    /// The position that follows a beginning of the file.
    private static func place(after bytes: ArraySlice<UInt8>) -> Place {
        let newline = UInt8(ascii: "\n")
        let lastLine = bytes.lastIndex(of: newline).map { bytes[($0 + 1)...] } ?? bytes
        let columns = lastLine.count { $0 & 0xc0 != 0x80 }
        return Place(line: bytes.count { $0 == newline } + 1, column: columns + 1)
    }

    /// How many octets at the beginning are valid UTF-8.
    private static func validPrefix(of bytes: ArraySlice<UInt8>) -> Int {
        var count = 0
        var decoder = UTF8()
        var iterator = bytes.makeIterator()
        while case .scalarValue(let scalar) = decoder.decode(&iterator) {
            count += UTF8.width(scalar)
        }
        return count
    }
}
