public import ControlProtocol
internal import Foundation

/// Requests and replies as JSON.
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

    /// The request that came over HTTP; `peer` and `query` are percent-encoded.
    public static func request(
        _ operation: ControlOperation, peer: String?, query: String?, body: [UInt8]
    ) throws(Failure) -> Request {
        try RequestReader(operation, peer: peer, query: query, body: body).request()
    }

    /// The answer to a request, of the body that came with a status of success.
    public static func reply(
        to request: Request, from body: some Sequence<UInt8>
    ) throws -> Reply {
        switch request {
        case .version: .version(try decode(VersionReport.self, from: body))
        case .status: .status(try decode(StatusReport.self, from: body))
        case .explain: .explanation(try decode(ExplanationReport.self, from: body))
        case .routes: .routes(try decode(RoutesReport.self, from: body))
        case .events: .events(try decode(EventsPage.self, from: body))
        case .capture: .capture
        case .enablePeer, .disablePeer: .peer(try decode(PeerReport.self, from: body))
        case .signalPeer: .signal(try decode(SignalReport.self, from: body))
        case .reload: .reload(try decode(ReloadReport.self, from: body))
        case .editPeer: .edit(try decode(PeerEditReport.self, from: body))
        case .drain, .undrain, .drainProgress: .drain(try decode(DrainReport.self, from: body))
        }
    }

    private static func encoder(_ more: JSONEncoder.OutputFormatting) -> JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = more.union([.sortedKeys, .withoutEscapingSlashes])
        return encoder
    }
}
