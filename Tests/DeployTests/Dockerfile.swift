/// The instructions of a Dockerfile, as far as ours goes.
struct Dockerfile {
    struct Instruction {
        let word: String
        let rest: String
    }

    /// The instructions of each stage, `FROM` first.
    let stages: [[Instruction]]

    init(_ text: String) {
        var stages: [[Instruction]] = []
        var line = ""
        for part in text.split(separator: "\n") where !part.hasPrefix("#") {
            if part.hasSuffix("\\") {
                line += part.dropLast() + " "
                continue
            }
            let words = (line + part).split(separator: " ", maxSplits: 1)
            line = ""
            guard words.count == 2 else { continue }
            let instruction = Instruction(word: String(words[0]), rest: String(words[1]))
            if instruction.word == "FROM" { stages.append([]) }
            if stages.isEmpty { stages.append([]) }
            stages[stages.count - 1].append(instruction)
        }
        self.stages = stages
    }

    /// What a stage gives one kind of instruction, in order.
    func all(_ word: String, inStage stage: Int) -> [String] {
        stages[stage].filter { $0.word == word }.map(\.rest)
    }
}
