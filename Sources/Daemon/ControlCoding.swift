internal import Foundation

/// Requests and replies as lines of JSON: what carries them over the control socket now.
public enum ControlCoding {
    /// A value as one line of JSON, with its line feed.
    public static func line(_ value: some Encodable) throws -> [UInt8] {
        Array(try encoder([]).encode(value)) + [UInt8(ascii: "\n")]
    }

    /// A value as JSON over several lines, for people.
    public static func text(_ value: some Encodable) throws -> String {
        String(decoding: try encoder(.prettyPrinted).encode(value), as: UTF8.self)
    }

    /// The value of a line, with or without its line feed.
    public static func decode<Value: Decodable>(
        _ type: Value.Type, from line: some Sequence<UInt8>
    ) throws -> Value {
        try JSONDecoder().decode(type, from: Data(line))
    }

    private static func encoder(_ more: JSONEncoder.OutputFormatting) -> JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = more.union([.sortedKeys, .withoutEscapingSlashes])
        return encoder
    }
}
