internal import Foundation
internal import LinuxSystem
internal import NodeCore

/// Asks the database of Open vSwitch (RFC 7047) about a port; changes nothing.
struct OpenVSwitch {
    private static let patience: Int64 = 2_000_000_000

    /// The database's socket.
    let socket: String

    /// What it says of an interface; nil when it cannot be asked.
    func port(_ interface: String) -> PortEvidence? {
        let select: [String: Any] = [
            "op": "select", "table": "Interface", "where": [["name", "==", interface]],
            "columns": ["error", "ofport", "external_ids"],
        ]
        let request: [String: Any] = [
            "method": "transact", "params": ["Open_vSwitch", select], "id": 1,
        ]
        guard let bytes = try? JSONSerialization.data(withJSONObject: request),
            let reply = ask(bytes), let results = reply["result"] as? [[String: Any]],
            let rows = results.first?["rows"] as? [[String: Any]]
        else { return nil }
        return Self.port(rows.first)
    }

    private static func port(_ row: [String: Any]?) -> PortEvidence {
        var port = PortEvidence()
        guard let row else {
            port.isThere = false
            return port
        }
        port.error = row["error"] as? String
        port.number = row["ofport"] as? Int
        // A map is ["map", [[key, value], …]].
        let map = (row["external_ids"] as? [Any])?.last as? [[String]] ?? []
        for pair in map where pair.count == 2 { port.externalIDs[pair[0]] = pair[1] }
        return port
    }

    private func ask(_ request: Data) -> [String: Any]? {
        do throws(SystemError) {
            let stream = try UnixStream.connected(to: socket)
            var rest = Array(request)[...]
            while !rest.isEmpty { rest = rest.dropFirst(try stream.write(rest)) }
            return try reply(stream)
        } catch {
            return nil
        }
    }

    /// Its replies end where an object ends: nothing else marks it.
    private func reply(_ stream: borrowing UnixStream) throws(SystemError) -> [String: Any]? {
        let deadline = Clock.monotonicNanoseconds() + Self.patience
        var buffer: [UInt8] = []
        while true {
            let left = (deadline - Clock.monotonicNanoseconds()) / 1_000_000
            guard left > 0,
                DescriptorReadiness.waitUntilReadable(
                    stream.descriptor, milliseconds: Int32(clamping: left))
            else { return nil }
            guard let count = try stream.read(appendingTo: &buffer, limit: 65_536), count > 0,
                buffer.count < 1 << 20
            else { return nil }
            if buffer.last == UInt8(ascii: "}"),
                let object = try? JSONSerialization.jsonObject(with: Data(buffer))
            {
                return object as? [String: Any]
            }
        }
    }
}
