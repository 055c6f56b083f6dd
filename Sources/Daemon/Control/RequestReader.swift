internal import ControlProtocol
internal import Foundation

/// Makes a request of what came over HTTP.
struct RequestReader {
    private let operation: ControlOperation
    private let peer: String?
    private let query: [(name: String, value: String)]
    private let body: [UInt8]

    /// `peer` and `query` as they were sent, percent-encoded.
    init(
        _ operation: ControlOperation, peer: String?, query: String?, body: [UInt8]
    ) throws(Failure) {
        self.operation = operation
        self.body = body
        self.peer = try peer.map { text throws(Failure) in try Self.decoded(text[...]) }
        var pairs: [(name: String, value: String)] = []
        for part in (query ?? "").split(separator: "&") {
            let halves = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = try Self.decoded(halves[0])
            let isRepeated = pairs.contains { $0.name == name }
            guard operation.queryNames.contains(name),
                !isRepeated || operation.repeatableNames.contains(name)
            else { throw .badRequest("the query has no place for \"\(name)\"") }
            pairs.append((name, halves.count > 1 ? try Self.decoded(halves[1]) : ""))
        }
        self.query = pairs
    }

    /// The request; the refusal of what is none.
    func request() throws(Failure) -> Request {
        switch operation {
        case .version: return .version
        case .sessions: return .status(peer: nil)
        case .session: return .status(peer: try name())
        case .changeSession:
            let change: SessionChange = try order()
            return change.isAdministrativelyDown
                ? .disablePeer(name: try name()) : .enablePeer(name: try name())
        case .signalSession:
            let order: SignalOrder = try order()
            return .signalPeer(name: try name(), signal: order.signal)
        case .addSession:
            let order: SessionAddition = try order()
            guard !order.name.isEmpty else { throw .badRequest("the name is empty") }
            return .editPeer(
                PeerEdit(.add, peer: order.name, table: order.settings, saves: try flag("save")))
        case .configureSession:
            let order: SessionSettings = try order()
            return .editPeer(
                PeerEdit(.set, peer: try name(), table: order.settings, saves: try flag("save")))
        case .removeSession:
            return .editPeer(PeerEdit(.remove, peer: try name(), saves: try flag("save")))
        case .reload:
            return .reload(isDryRun: try flag("dry-run"), discardsUnsaved: try flag("discard"))
        case .drain: return .drain
        case .undrain: return .undrain
        case .drainProgress: return .drainProgress
        case .routes: return .routes
        case .events: return .events(follow: try flag("follow"), since: try number("since"))
        case .capture:
            return .capture(peers: query.filter { $0.name == "peer" }.map(\.value))
        case .doctor: return .explain(peer: value("peer"), ovnRows: [])
        case .doctorWithRows:
            let order: ExplanationOrder = try order()
            return .explain(peer: value("peer"), ovnRows: order.ovnRows)
        }
    }

    private func name() throws(Failure) -> String {
        guard let peer, !peer.isEmpty else { throw .badRequest("the path names no peer") }
        return peer
    }

    private func value(_ name: String) -> String? {
        query.first { $0.name == name }?.value
    }

    private func flag(_ name: String) throws(Failure) -> Bool {
        switch value(name) {
        case nil, "false": return false
        case "true": return true
        case .some: throw .badRequest("\"\(name)\" is true or false")
        }
    }

    private func number(_ name: String) throws(Failure) -> UInt64? {
        guard let text = value(name) else { return nil }
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = UInt64(text)
        else { throw .badRequest("\"\(name)\" is a number from 0 on") }
        return number
    }

    private func order<Order: Decodable>() throws(Failure) -> Order {
        do {
            return try ControlCoding.decode(Order.self, from: body)
        } catch {
            throw .badRequest(Self.reason(error))
        }
    }

    private static func decoded(_ text: Substring) throws(Failure) -> String {
        guard let decoded = text.removingPercentEncoding else {
            throw .badRequest("a % stands before two digits of an octet, and octets are UTF-8")
        }
        return decoded
    }

    private static func reason(_ error: any Error) -> String {
        guard let error = error as? DecodingError else { return "\(error)" }
        switch error {
        case .keyNotFound(let key, _): return "\"\(key.stringValue)\" is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context),
            .dataCorrupted(let context):
            return context.debugDescription
        @unknown default: return "not understood"
        }
    }
}
