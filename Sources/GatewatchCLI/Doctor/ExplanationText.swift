internal import ControlProtocol

/// Why sessions are not Up, as people read it.
enum ExplanationText {
    /// A paragraph for each cause.
    static func causes(_ causes: [CauseReport]) -> String {
        causes.map { cause in
            wrapped("\(sentence(cause.evidence)) [\(cause.code)]", first: "why  ", rest: "     ")
                + "\n" + wrapped(sentence(cause.meaning), first: "     ", rest: "     ")
                + "\n" + wrapped(cause.nextStep, first: "  -> ", rest: "     ")
        }.joined(separator: "\n")
    }

    /// With a capital letter, where it begins with a word, and a final stop.
    static func sentence(_ text: String) -> String {
        let word = text.prefix { $0 != " " }
        guard let first = word.first, word.allSatisfy({ $0.isLetter || $0 == "'" || $0 == "," })
        else { return text + "." }
        return first.uppercased() + text.dropFirst() + "."
    }

    /// Lines of at most 100 characters; longer words stay whole.
    static func wrapped(_ text: String, first: String, rest: String) -> String {
        var lines: [String] = []
        for line in text.split(separator: "\n") {
            var current = lines.isEmpty ? first : rest
            var isEmpty = true
            for word in line.split(separator: " ") {
                if !isEmpty, current.count + 1 + word.count > TextTable.maximumWidth {
                    lines.append(current)
                    current = rest
                    isEmpty = true
                }
                current += (isEmpty ? "" : " ") + word
                isEmpty = false
            }
            lines.append(current)
        }
        return lines.joined(separator: "\n")
    }
}
