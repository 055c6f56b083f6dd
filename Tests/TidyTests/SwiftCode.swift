/// Swift source with comments, string literals and quoted names blanked out, line for line.
///
/// What is left is code, so a word in a sentence or in a message trips no fence. Code inside a
/// string's interpolation stays.
struct SwiftCode: Sendable {
    let lines: [String]

    init(_ source: String) {
        var blanker = Blanker(source)
        blanker.blankCode(insideInterpolation: false)
        lines = String(decoding: blanker.bytes, as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    /// The lines, counted from 1, that hold `word` standing alone.
    func lines(withWord word: String) -> [Int] {
        lines.enumerated().filter { $0.element.containsWord(word) }.map { $0.offset + 1 }
    }
}

extension String {
    /// Whether `word` occurs here with no letter, digit or underscore on either side.
    func containsWord(_ word: String) -> Bool {
        !ranges(of: word).filter { range in
            let before = range.lowerBound > startIndex ? self[index(before: range.lowerBound)] : " "
            let after = range.upperBound < endIndex ? self[range.upperBound] : " "
            return !before.isWordPart && !after.isWordPart
        }.isEmpty
    }
}

extension Character {
    var isWordPart: Bool { isLetter || isNumber || self == "_" }
}

/// Walks source text and overwrites what is not code with spaces.
private struct Blanker {
    var bytes: [UInt8]
    private var index = 0

    init(_ source: String) {
        bytes = Array(source.utf8)
    }

    mutating func blankCode(insideInterpolation: Bool) {
        var depth = 0
        while index < bytes.count {
            if matches("//") {
                blank { $0.bytes[$0.index] == UInt8(ascii: "\n") }
            } else if matches("/*") {
                blankComment()
            } else if let hashes = hashesBeforeQuote() {
                blankString(hashes: hashes)
            } else if matches("`") {
                index += 1
                blank { $0.matches("`") }
                index += 1
            } else {
                if matches("(") { depth += 1 }
                if matches(")") {
                    depth -= 1
                    if insideInterpolation, depth < 0 { return }
                }
                index += 1
            }
        }
    }

    private mutating func blankComment() {
        var depth = 0
        repeat {
            if matches("/*") {
                depth += 1
                blank(count: 2)
            } else if matches("*/") {
                depth -= 1
                blank(count: 2)
            } else {
                blank(count: 1)
            }
        } while depth > 0 && index < bytes.count
    }

    private mutating func blankString(hashes: Int) {
        let hash = String(repeating: "#", count: hashes)
        index += hashes
        let quote = matches("\"\"\"") ? "\"\"\"" : "\""
        index += quote.utf8.count
        while index < bytes.count, !matches(quote + hash) {
            if matches("\\" + hash + "(") {
                index += hashes + 2
                blankCode(insideInterpolation: true)
                index += 1
            } else {
                blank(count: matches("\\" + hash) ? hashes + 2 : 1)
            }
        }
        index += quote.utf8.count + hashes
    }

    /// How many `#` open a string literal here, nil when none starts.
    private func hashesBeforeQuote() -> Int? {
        var end = index
        while end < bytes.count, bytes[end] == UInt8(ascii: "#") { end += 1 }
        guard end < bytes.count, bytes[end] == UInt8(ascii: "\"") else { return nil }
        return end - index
    }

    private func matches(_ text: String) -> Bool {
        guard index < bytes.count, bytes[index] == text.utf8.first else { return false }
        return bytes[index...].starts(with: text.utf8)
    }

    private mutating func blank(until isEnd: (Blanker) -> Bool) {
        while index < bytes.count, !isEnd(self) { blank(count: 1) }
    }

    private mutating func blank(count: Int) {
        for position in index..<min(index + count, bytes.count)
        where bytes[position] != UInt8(ascii: "\n") {
            bytes[position] = UInt8(ascii: " ")
        }
        index += count
    }
}
