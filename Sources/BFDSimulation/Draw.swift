internal import BFDCore

/// Random decisions, all of which follow from one seed.
struct Draw: Sendable, BitwiseCopyable {
    private var random: SplitMix64

    init(seed: UInt64) {
        random = SplitMix64(seed: seed)
    }

    /// Sixty-four random bits.
    mutating func bits() -> UInt64 {
        random.next()
    }

    mutating func number(in range: ClosedRange<Int>) -> Int {
        range.lowerBound + Int(random.next(below: UInt64(range.upperBound - range.lowerBound) + 1))
    }

    /// A span from nothing up to `bound`, both included.
    mutating func span(upTo bound: Nanoseconds) -> Nanoseconds {
        guard bound.count > 0 else { return .zero }
        return Nanoseconds(Int64(random.next(below: UInt64(bound.count) + 1)))
    }

    mutating func chance(perMille: Int) -> Bool {
        guard perMille > 0 else { return false }
        return random.next(below: 1_000) < UInt64(perMille)
    }

    /// One of several; there is at least one.
    mutating func pick<Choice>(_ choices: [Choice]) -> Choice {
        choices[number(in: 0...choices.count - 1)]
    }
}
