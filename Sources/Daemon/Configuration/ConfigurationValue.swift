/// Where a value was given: a position in a file, or an option of the command line.
public struct Place: Sendable, Hashable, Comparable {
    /// The line, from 1 on; for options, the order they are reported in.
    public let line: Int
    /// The column in Unicode scalars, from 1 on.
    public let column: Int
    /// The option, such as `--interval`; nil in a file.
    public let option: String?

    /// A position in a file.
    public init(line: Int, column: Int) {
        self.line = line
        self.column = column
        option = nil
    }

    /// An option of the command line, with its place in the order of reports.
    public init(option: String, order: Int) {
        line = order
        column = 0
        self.option = option
    }

    /// How a message about another place refers to this one.
    var reference: String { option.map { "at \($0)" } ?? "in line \(line)" }

    /// By line, then by column.
    public static func < (left: Place, right: Place) -> Bool {
        (left.line, left.column) < (right.line, right.column)
    }
}

/// A part of a configuration before anything is known about its meaning.
///
/// Files and command lines both become this, so that both meet the same checks.
struct ConfigurationValue {
    let place: Place
    let content: Content

    indirect enum Content {
        case scalar(Scalar)
        case sequence([ConfigurationValue])
        case mapping([Entry])
    }

    /// A text, and whether quotes said that it is no number, truth value or null.
    struct Scalar {
        let text: String
        let isQuoted: Bool

        var isNull: Bool { !isQuoted && ["", "~", "null", "Null", "NULL"].contains(text) }
    }

    /// One `key: value` of a mapping. Keys may occur twice.
    struct Entry {
        let key: String
        let keyPlace: Place
        let value: ConfigurationValue
    }

    /// Whether it is left empty.
    var isNull: Bool {
        switch content {
        case .scalar(let scalar): scalar.isNull
        case .sequence, .mapping: false
        }
    }

    /// What kind of value it is, for people.
    var kindDescription: String {
        switch content {
        case .scalar(let scalar):
            scalar.isNull ? "nothing" : "\"\(Self.excerpt(scalar.text))\""
        case .sequence: "a list"
        case .mapping: "a mapping"
        }
    }

    /// The beginning of a text, without control characters, for an error message.
    static func excerpt(_ text: String) -> String {
        let limit = 60
        let shown = text.prefix(limit).unicodeScalars.map { scalar in
            scalar.properties.generalCategory == .control ? " " : String(scalar)
        }
        return shown.joined() + (text.count > limit ? "…" : "")
    }
}

/// A value together with where it was given.
struct Placed<Value> {
    let value: Value
    let place: Place
}

extension Placed: Equatable where Value: Equatable {}
