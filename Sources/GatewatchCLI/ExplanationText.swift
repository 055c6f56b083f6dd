internal import ControlProtocol

/// Why sessions are not Up, as people read it.
enum ExplanationText {
    /// A paragraph for each cause.
    static func causes(_ causes: [CauseReport]) -> String {
        causes.map { cause in
            "why  \(sentence(cause.evidence)) [\(cause.code)]\n     \(sentence(cause.meaning))\n"
                + "  -> \(cause.nextStep)"
        }.joined(separator: "\n")
    }

    /// With a capital letter and a final stop.
    static func sentence(_ text: String) -> String {
        guard let first = text.first else { return "" }
        return first.uppercased() + text.dropFirst() + "."
    }
}
