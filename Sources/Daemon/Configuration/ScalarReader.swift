internal import RouteCore

/// Reads single values, reporting what is wrong with them and what is allowed.
struct ScalarReader {
    let problems: ProblemCollector

    init(_ problems: ProblemCollector) {
        self.problems = problems
    }

    /// A text; quotes are not needed.
    func text(_ value: ConfigurationValue?, _ key: String) -> Placed<String>? {
        guard let (scalar, place) = scalar(value, key, expected: "a word") else { return nil }
        return Placed(value: scalar.text, place: place)
    }

    /// A whole number in decimal digits; `word` is what else is allowed, for messages.
    func integer(
        _ value: ConfigurationValue?, _ key: String, in range: ClosedRange<Int64>,
        orWord word: String? = nil
    ) -> Placed<Int64>? {
        let alternative = word.map { ", or \($0)" } ?? ""
        let allowed = "(allowed: \(range.lowerBound) to \(range.upperBound)\(alternative))"
        guard let (scalar, place) = scalar(value, key, expected: "a whole number \(allowed)")
        else { return nil }
        let digits = scalar.text.hasPrefix("-") ? scalar.text.dropFirst() : scalar.text[...]
        guard !scalar.isQuoted, !digits.isEmpty, digits.allSatisfy({ $0.isASCII && $0.isNumber })
        else {
            let quotes = scalar.isQuoted ? ", and without quotes" : ""
            problems.error(
                place,
                "\(key) must be a whole number\(quotes), "
                    + "not \"\(ConfigurationValue.excerpt(scalar.text))\" \(allowed)")
            return nil
        }
        guard let number = Int64(scalar.text), range.contains(number) else {
            problems.error(
                place,
                "\(key) \(ConfigurationValue.excerpt(scalar.text)) is out of range \(allowed)")
            return nil
        }
        return Placed(value: number, place: place)
    }

    /// `true` or `false`.
    func bool(_ value: ConfigurationValue?, _ key: String) -> Placed<Bool>? {
        guard let (scalar, place) = scalar(value, key, expected: "true or false") else {
            return nil
        }
        switch scalar.text {
        case "true" where !scalar.isQuoted: return Placed(value: true, place: place)
        case "false" where !scalar.isQuoted: return Placed(value: false, place: place)
        default:
            let quotes = scalar.isQuoted ? " without quotes" : ""
            problems.error(
                place,
                "\(key) must be true or false\(quotes), "
                    + "not \"\(ConfigurationValue.excerpt(scalar.text))\"")
            return nil
        }
    }

    /// One of a few words.
    func word<Word: RawRepresentable & CaseIterable>(
        _ value: ConfigurationValue?, _ key: String, as type: Word.Type
    ) -> Placed<Word>? where Word.RawValue == String {
        let words = type.allCases.map(\.rawValue)
        let allowed = words.joined(separator: ", ")
        guard let (scalar, place) = scalar(value, key, expected: "one of: \(allowed)") else {
            return nil
        }
        guard let word = Word(rawValue: scalar.text) else {
            let suggestion = Spelling.suggestion(for: scalar.text, among: words)
            let hint = suggestion.map { "; did you mean \"\($0)\"?" } ?? ""
            problems.error(
                place,
                "\(key) cannot be \"\(ConfigurationValue.excerpt(scalar.text))\" "
                    + "(allowed: \(allowed))\(hint)")
            return nil
        }
        return Placed(value: word, place: place)
    }

    /// A span of time within a range, both in microseconds.
    func duration(
        _ value: ConfigurationValue?, _ key: String, in range: ClosedRange<Int64>
    ) -> Placed<Int64>? {
        let allowed =
            "(allowed: \(DurationReader.text(range.lowerBound)) to "
            + "\(DurationReader.text(range.upperBound)))"
        guard let (scalar, place) = scalar(value, key, expected: "a duration \(allowed)") else {
            return nil
        }
        do throws(DurationReader.Mistake) {
            let microseconds = try DurationReader.microseconds(scalar.text)
            guard range.contains(microseconds) else {
                problems.error(place, "\(key) \(scalar.text) is out of range \(allowed)")
                return nil
            }
            return Placed(value: microseconds, place: place)
        } catch {
            problems.error(
                place,
                "\(key) \"\(ConfigurationValue.excerpt(scalar.text))\" "
                    + "\(error.message) \(allowed)")
            return nil
        }
    }

    /// An address of a host that can be a peer or a source.
    func address(_ value: ConfigurationValue?, _ key: String) -> Placed<HostAddress>? {
        guard let (scalar, place) = scalar(value, key, expected: "an IPv4 or IPv6 address") else {
            return nil
        }
        let shown = ConfigurationValue.excerpt(scalar.text)
        guard let address = HostAddress(scalar.text) else {
            problems.error(place, "\(key) \"\(shown)\" \(Self.whyNoAddress(scalar.text))")
            return nil
        }
        let bits = address.bits
        let kind: String? =
            if address.isUnspecified {
                "the unspecified address"
            } else if address.isMulticast {
                "a multicast address"
            } else if address.family == .ipv4, bits == 0xffff_ffff {
                "the broadcast address"
            } else if address.family == .ipv6, bits >> 32 == 0xffff {
                "an IPv4 address in IPv6 form"
            } else {
                nil
            }
        if let kind {
            problems.error(place, "\(key) \(shown) is \(kind) (allowed: unicast addresses)")
            return nil
        }
        return Placed(value: address, place: place)
    }

    private static func whyNoAddress(_ text: String) -> String {
        if text.contains("%") {
            return "is no address: give what follows the % under \"interface\""
        }
        if text.contains("/") { return "is no address: leave the prefix length out" }
        return "is no address (allowed: IPv4 such as 10.9.0.1, IPv6 such as 2001:db8::1)"
    }

    private func scalar(
        _ value: ConfigurationValue?, _ key: String, expected: String
    ) -> (ConfigurationValue.Scalar, Place)? {
        guard let value else { return nil }
        guard case .scalar(let scalar) = value.content else {
            problems.error(value.place, "\(key) must be \(expected), not \(value.kindDescription)")
            return nil
        }
        return (scalar, value.place)
    }
}
