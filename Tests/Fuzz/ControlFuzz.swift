import ControlProtocol
import Daemon

/// Reads any octets as a control request; one that is understood says the same when written again.
@c(LLVMFuzzerTestOneInput)
public func fuzzControl(_ data: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    let bytes = unsafe Array(UnsafeBufferPointer(start: data, count: count))
    guard let request = try? ControlCoding.decode(Request.self, from: bytes) else { return 0 }
    guard let line = try? ControlCoding.line(request) else {
        preconditionFailure("a request that cannot be written")
    }
    let again = try? ControlCoding.decode(Request.self, from: line)
    precondition(again == request)
    return 0
}
