import ControlProtocol
import Daemon

/// Reads any octets as a control request: an operation, a peer or query, and a body. What is
/// understood says the same when it is sent again.
@c(LLVMFuzzerTestOneInput)
public func fuzzControl(_ data: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    let bytes = unsafe Array(UnsafeBufferPointer(start: data, count: count))
    let operations = ControlOperation.allCases
    guard let first = bytes.first else { return 0 }
    let operation = operations[Int(first) % operations.count]
    let rest = bytes.dropFirst()
    let end = rest.firstIndex(of: 0) ?? rest.endIndex
    let text = String(decoding: rest[..<end], as: UTF8.self)
    let body = Array(rest[end...].dropFirst())
    guard let request = read(operation, text, body) else { return 0 }
    guard let line = try? request.body.map({ try ControlCoding.line($0) }) ?? [] else {
        preconditionFailure("a request that cannot be written")
    }
    let target = request.target.split(separator: "?", maxSplits: 1).map(String.init)
    let pieces = target[0].split(separator: "/")
    let peer = pieces.count > 2 ? String(pieces[2]) : nil
    let again = try? ControlCoding.request(
        request.operation, peer: peer, query: target.count > 1 ? target[1] : nil, body: line)
    precondition(again == request)
    return 0
}

private func read(_ operation: ControlOperation, _ text: String, _ body: [UInt8]) -> Request? {
    let hasPeer = operation.path.contains("{peer}")
    return try? ControlCoding.request(
        operation, peer: hasPeer ? text : nil, query: hasPeer ? nil : text, body: body)
}
