/// A moment of wall-clock time, in microseconds; as JSON a text in RFC 3339, in UTC.
public struct Timestamp: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// Microseconds since 1970-01-01T00:00:00Z.
    public var microseconds: Int64

    /// A moment by its count.
    public init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    /// A moment by the count of CLOCK_REALTIME.
    public init(realtimeNanoseconds: Int64) {
        self.init(microseconds: realtimeNanoseconds / 1_000)
    }

    /// Orders moments.
    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.microseconds < right.microseconds
    }

    /// The text in RFC 3339, such as `2026-11-21T03:14:51.000000Z`.
    public var description: String {
        let (days, inDay) = microseconds.flooredDivision(by: 86_400_000_000)
        let date = Self.civilDate(days: days)
        let seconds = inDay / 1_000_000
        let clock = [seconds / 3_600, seconds / 60 % 60, seconds % 60]
            .map { Self.padded($0, to: 2) }.joined(separator: ":")
        let fraction = Self.padded(inDay % 1_000_000, to: 6)
        let day =
            "\(Self.padded(date.year, to: 4))-\(Self.padded(date.month, to: 2))-"
            + Self.padded(date.day, to: 2)
        return "\(day)T\(clock).\(fraction)Z"
    }

    /// The moment that `description` wrote; nil for any other text.
    public init?(_ text: String) {
        // The length keeps every number small, so nothing below can overflow.
        guard text.utf8.count == 27 else { return nil }
        let pieces = text.split(omittingEmptySubsequences: false) { "-T:.Z".contains($0) }
        let numbers = pieces.compactMap { Int64($0) }
        guard pieces.count == 8, numbers.count == 7, (1...12).contains(numbers[1]) else {
            return nil
        }
        let days = Self.days(year: numbers[0], month: numbers[1], day: numbers[2])
        let seconds = numbers[3] * 3_600 + numbers[4] * 60 + numbers[5]
        self.init(microseconds: (days * 86_400 + seconds) * 1_000_000 + numbers[6])
        guard description == text else { return nil }
    }

    private static func padded(_ number: Int64, to width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    /// The Gregorian date, counted in eras of 400 years that begin on a 1 March.
    private static func civilDate(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let (era, dayOfEra) = (days + 719_468).flooredDivision(by: 146_097)
        let yearOfEra =
            (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    /// Days since 1970-01-01: the inverse of `civilDate`.
    private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let marchYear = month <= 2 ? year - 1 : year
        let (era, yearOfEra) = marchYear.flooredDivision(by: 400)
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}

extension Timestamp: Codable {
    /// Reads the text.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let moment = Timestamp(text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "\"\(text)\" is no time of ours")
        }
        self = moment
    }

    /// Writes the text.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

extension Int64 {
    /// Quotient and remainder with a remainder that is never negative.
    fileprivate func flooredDivision(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
