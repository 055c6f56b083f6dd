/// A version such as `v1.13.2` or `1.42.4-1+deb12u1`, as far as its numbers go.
public struct ProgramVersion: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// Its numbers, from the most to the least significant.
    public let numbers: [Int]

    /// A version by its text; nil when it does not begin with a number.
    public init?(_ text: String) {
        let text = text.hasPrefix("v") ? text.dropFirst() : text[...]
        var numbers: [Int] = []
        for part in text.split(separator: ".", omittingEmptySubsequences: false) {
            let digits = part.prefix { ("0"..."9").contains($0) }
            guard let number = Int(digits) else { break }
            numbers.append(number)
            if digits.count < part.count { break }
        }
        guard !numbers.isEmpty else { return nil }
        self.numbers = numbers
    }

    /// The numbers with points between them.
    public var description: String { numbers.map { "\($0)" }.joined(separator: ".") }

    /// Whether one came before the other; numbers that are not there count as 0.
    public static func < (one: ProgramVersion, other: ProgramVersion) -> Bool {
        for place in 0..<max(one.numbers.count, other.numbers.count) {
            let (left, right) = (one.number(place), other.number(place))
            if left != right { return left < right }
        }
        return false
    }

    private func number(_ place: Int) -> Int { place < numbers.count ? numbers[place] : 0 }
}
