/// Reads spans of time such as `50ms`, `300us` or `1.5s`.
public enum DurationReader {
    /// Why a text is no duration.
    public enum Mistake: Error, Equatable {
        /// A number alone.
        case withoutUnit(number: String)
        /// A number and something that is no unit of ours.
        case unknownUnit(String)
        /// Not even a number.
        case malformed
        /// Parts of a microsecond.
        case finerThanMicroseconds
        /// More than 2⁶³ − 1 µs.
        case tooLarge

        /// What to say after the text.
        public var message: String {
            switch self {
            case .withoutUnit(let number):
                "needs a unit: write \(number)us, \(number)ms or \(number)s"
            case .unknownUnit(let unit):
                "has an unknown unit \"\(ConfigurationValue.excerpt(unit))\": use us, ms or s"
            case .malformed: "is no duration: write a number and a unit, such as 50ms"
            case .finerThanMicroseconds: "is not a whole number of microseconds"
            case .tooLarge: "is out of range"
            }
        }
    }

    /// The span in microseconds.
    public static func microseconds(_ text: String) throws(Mistake) -> Int64 {
        let digits = { (character: Character) in character.isASCII && character.isNumber }
        let whole = text.prefix(while: digits)
        var rest = text.dropFirst(whole.count)
        var fraction: Substring = ""
        if rest.first == "." {
            fraction = rest.dropFirst().prefix(while: digits)
            guard !fraction.isEmpty else { throw .malformed }
            rest = rest.dropFirst(fraction.count + 1)
        }
        guard !whole.isEmpty else { throw .malformed }
        let unit = rest.drop { $0 == " " }
        let decimals: Int
        switch unit {
        case "us", "µs", "μs": decimals = 0
        case "ms": decimals = 3
        case "s": decimals = 6
        case "": throw .withoutUnit(number: String(text.dropLast(rest.count)))
        default: throw unit.allSatisfy(\.isLetter) ? .unknownUnit(String(unit)) : .malformed
        }
        while fraction.last == "0" { fraction = fraction.dropLast() }
        guard fraction.count <= decimals else { throw .finerThanMicroseconds }
        let zeros = String(repeating: "0", count: decimals - fraction.count)
        guard let microseconds = Int64(whole + fraction + zeros) else { throw .tooLarge }
        return microseconds
    }

    /// A span as it can be written in a file, in the largest unit that shows it whole.
    static func text(_ microseconds: Int64) -> String {
        if microseconds == 0 { return "0s" }
        if microseconds.isMultiple(of: 1_000_000) { return "\(microseconds / 1_000_000)s" }
        if microseconds.isMultiple(of: 1_000) { return "\(microseconds / 1_000)ms" }
        return "\(microseconds)us"
    }
}
