/// Renames keys so that a YAML package which stops at the first duplicate reads on.
///
/// The package names the first occurrence of a duplicate key. Here each character of that
/// occurrence is replaced by one from Unicode's private use area, which keeps every position as it
/// is; `original(at:)` gives the name back afterwards, and the duplicate is found, together with
/// all other mistakes, where keys get their meaning.
struct DuplicateKeyMask {
    /// Bounds the work on a file with many duplicates: the text is read again for each.
    static let maximumRenamedScalarCount = 64 << 20

    private var scalars: [Unicode.Scalar] = []
    private var lineStarts: [Int] = []
    private var originals: [Place: String] = [:]
    private var work = 0

    /// Whether `text` differs from the file.
    var hasRenamed: Bool { !originals.isEmpty }

    /// The text with the keys renamed so far.
    var text: String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }

    /// The name in the file of a key that was renamed; nil for other keys.
    func original(at place: Place) -> String? { originals[place] }

    /// Reports the duplicates as far as they are known, for a text that cannot be read to its end.
    func report(_ problems: ProblemCollector) {
        for (place, key) in originals {
            problems.error(
                place, "duplicate key \"\(ConfigurationValue.excerpt(key))\": given again below")
        }
    }

    /// Renames the key that is written at a position; false when it cannot be found there.
    mutating func rename(_ key: String, at place: Place, in text: String) -> Bool {
        if scalars.isEmpty { load(text) }
        work += scalars.count
        guard work <= Self.maximumRenamedScalarCount, originals.count < 6_400,
            originals[place] == nil, lineStarts.indices.contains(place.line - 1),
            let token = token(of: key, at: lineStarts[place.line - 1] + place.column - 1),
            let substitute = Unicode.Scalar(0xe000 + UInt32(originals.count))
        else { return false }
        for index in token { scalars[index] = substitute }
        originals[place] = key
        return true
    }

    /// Splits the text into scalars and lines, by the line breaks of YAML 1.1.
    private mutating func load(_ text: String) {
        scalars = Array(text.unicodeScalars)
        lineStarts = [0]
        for (index, scalar) in scalars.enumerated() {
            switch scalar {
            case "\r" where index + 1 < scalars.count && scalars[index + 1] == "\n": continue
            case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}": lineStarts.append(index + 1)
            default: continue
            }
        }
    }

    /// The scalars of the key without its quotes; nil when the key is not written there.
    private func token(of key: String, at start: Int) -> Range<Int>? {
        guard scalars.indices.contains(start) else { return nil }
        let quote = scalars[start]
        guard quote == "\"" || quote == "'" else {
            let end = start + key.unicodeScalars.count
            guard end <= scalars.count, start < end,
                scalars[start..<end].elementsEqual(key.unicodeScalars)
            else { return nil }
            return start..<end
        }
        var index = start + 1
        while index < scalars.count, scalars[index] != quote {
            guard scalars[index] != "\n", scalars[index] != "\r" else { return nil }
            index += quote == "\"" && scalars[index] == "\\" ? 2 : 1
        }
        guard index < scalars.count, start + 1 < index else { return nil }
        return (start + 1)..<index
    }
}
