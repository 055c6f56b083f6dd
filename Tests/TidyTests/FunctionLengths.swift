/// The functions of a file and how long they are, found by matching braces.
struct FunctionLengths {
    struct Function {
        let line: Int
        let lineCount: Int
    }

    private(set) var functions: [Function] = []

    init(_ code: SwiftCode) {
        let characters = code.lines.joined(separator: "\n").map { $0 }
        var line = 1
        var word = ""
        for (index, character) in characters.enumerated() {
            if character.isWordPart {
                word.append(character)
                continue
            }
            let before = index - word.count - 1
            if Self.keywords.contains(word), before < 0 || characters[before] != ".",
                let length = Self.lineCount(of: characters[index...])
            {
                functions.append(Function(line: line, lineCount: length))
            }
            word = ""
            if character == "\n" { line += 1 }
        }
    }

    private static let keywords: Set<String> = ["func", "init", "deinit", "subscript"]

    /// Lines from a declaration to the end of its body; nil when it has none.
    private static func lineCount(of characters: ArraySlice<Character>) -> Int? {
        var lines = 1
        var parentheses = 0
        var braces = 0
        var blankLine = false
        for character in characters {
            switch character {
            case "\n":
                lines += 1
                if braces == 0, parentheses == 0, blankLine { return nil }
                blankLine = true
                continue
            case "(", "[": parentheses += 1
            case ")", "]": parentheses -= 1
            case "{" where parentheses == 0 || braces > 0: braces += 1
            case "}" where parentheses == 0 || braces > 0:
                braces -= 1
                if braces == 0 { return lines }
                if braces < 0 { return nil }
            default: break
            }
            if !character.isWhitespace { blankLine = false }
        }
        return nil
    }
}
