/// Reads names of links, of which one may stand for many.
struct LinkNamesReader {
    /// The kernel's limit for a name; an alternative name may be longer.
    private static let maximumByteCount = 127

    private let problems: ProblemCollector
    private var scalars: ScalarReader { ScalarReader(problems) }

    init(_ problems: ProblemCollector) {
        self.problems = problems
    }

    /// The names, without those that are given twice.
    func read(_ items: [ConfigurationValue], _ key: String) -> [String] {
        var places: [String: Place] = [:]
        var names: [String] = []
        for item in items {
            guard let text = scalars.text(item, "an item of \(key)") else { continue }
            guard isName(text.value) else {
                problems.error(
                    text.place,
                    "\"\(ConfigurationValue.excerpt(text.value))\" in \(key) is no name of a link "
                        + "(allowed: such as team0 or \"eth*\", at most "
                        + "\(Self.maximumByteCount) octets)")
                continue
            }
            if let first = places[text.value] {
                problems.warning(
                    text.place,
                    "\"\(text.value)\" is in \(key) already, first given \(first.reference)")
                continue
            }
            places[text.value] = text.place
            names.append(text.value)
        }
        return names
    }

    private func isName(_ text: String) -> Bool {
        (1...Self.maximumByteCount).contains(text.utf8.count) && text != "." && text != ".."
            && !text.contains { $0 == "/" || $0 == ":" || $0.isWhitespace || $0.isNewline }
    }
}
