import BFDCore

/// Decodes any octets; what is a packet must be written back as it was read.
@c(LLVMFuzzerTestOneInput)
public func fuzzCodec(_ data: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    let bytes = unsafe UnsafeBufferPointer(start: data, count: count)
    let input = unsafe bytes.span
    guard let packet = try? ControlPacket(decoding: input) else { return 0 }
    precondition(packet.detectMultiplier != 0 && packet.myDiscriminator != 0)
    precondition(packet.length >= 24 && Int(packet.length) <= count)
    for index in 0..<24 { precondition(packet.octet(at: index) == input[index]) }
    return 0
}
