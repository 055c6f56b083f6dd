public import Foundation

/// How BIRD authenticates: one type, and passwords with their times.
public struct BirdAuthentication: Sendable {
    /// A password, which BIRD also calls the keys of the digests.
    public struct Password: Sendable {
        /// Key id.
        public var id: Int
        /// The password.
        public var text: String
        /// When BIRD sends with it; `nil` for always.
        public var generated: Range<Date>?
        /// When BIRD accepts it; `nil` for always.
        public var accepted: Range<Date>?

        /// A password with its times.
        public init(
            id: Int, _ text: String, generated: Range<Date>? = nil, accepted: Range<Date>? = nil
        ) {
            self.id = id
            self.text = text
            self.generated = generated
            self.accepted = accepted
        }
    }

    /// `simple`, `keyed md5` and so on.
    public var type: String
    /// The passwords, in the order of preference.
    public var passwords: [Password]

    /// Authentication by its parts; `type` as in our own configuration.
    public init(type: String, passwords: [Password]) {
        self.type =
            type == "simple-password"
            ? "simple" : type.split(separator: "-").joined(separator: " ")
        self.passwords = passwords
    }

    var text: String {
        let lines = passwords.map { password in
            let times =
                Self.text("generate", password.generated) + Self.text("accept", password.accepted)
            return "password \"\(password.text)\" { id \(password.id); \(times) };"
        }
        return "authentication \(type); " + lines.joined(separator: " ")
    }

    private static func text(_ verb: String, _ times: Range<Date>?) -> String {
        guard let times else { return "" }
        let style = Date.ISO8601FormatStyle(timeZone: .gmt).year().month().day()
            .dateTimeSeparator(.space).time(includingFractionalSeconds: true)
        let (from, to) = (times.lowerBound.formatted(style), times.upperBound.formatted(style))
        return "\(verb) from \"\(from)\"; \(verb) to \"\(to)\"; "
    }
}
