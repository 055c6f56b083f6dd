import Foundation

/// One line of the core's sources, changed.
struct Mutant {
    let number: Int
    /// Below `Sources/BFDCore`.
    let file: String
    let original: String
    let mutated: String
    /// Why it may survive; `nil` for one that a test must notice.
    let excuse: String?

    /// Every mutant of `fixtures/mutants`, numbered through.
    ///
    /// A table names a source file, then pairs of lines: `-` the line as it stands, `+` what it
    /// becomes, and perhaps `?` why no test can notice.
    static func all() throws -> [Mutant] {
        let folder = "fixtures/mutants"
        let names = try FileManager.default.contentsOfDirectory(atPath: folder)
        var mutants: [Mutant] = []
        for name in names.sorted() where name.hasSuffix(".txt") {
            try read("\(folder)/\(name)", into: &mutants)
        }
        return mutants
    }

    private static func read(_ path: String, into mutants: inout [Mutant]) throws {
        var file: String?
        var original: String?
        let lines = try Files.lines(path)
        for (offset, line) in lines.enumerated() {
            let text = line.dropFirst(2).trimmingCharacters(in: .whitespaces)
            switch line.first {
            case nil, "#": continue
            case "=": file = text
            case "-": original = text
            case "?": continue
            case "+":
                guard let known = file, let before = original else {
                    throw ProofError.badLine(file: path, line: offset + 1)
                }
                let next = offset + 1 < lines.count ? lines[offset + 1] : ""
                let excuse = next.hasPrefix("? ") ? String(next.dropFirst(2)) : nil
                mutants.append(
                    Mutant(
                        number: mutants.count + 1, file: known, original: before, mutated: text,
                        excuse: excuse))
            default: throw ProofError.badLine(file: path, line: offset + 1)
            }
        }
    }

    /// The source with the line changed; `nil` unless that line stands in it exactly once.
    func applied(to source: String) -> String? {
        var lines = source.components(separatedBy: "\n")
        let places = lines.indices.filter {
            lines[$0].trimmingCharacters(in: .whitespaces) == original
        }
        guard places.count == 1 else { return nil }
        lines[places[0]] = mutated
        return lines.joined(separator: "\n")
    }
}
