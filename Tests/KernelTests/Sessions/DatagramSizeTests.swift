import LinuxSystem
import Testing

extension RouteTests {
    /// How much of a datagram is seen (RFC 9764 §3).
    @Suite struct DatagramSizeTests {
        @Test(arguments: [(9_000, 9_000), (9_216, 9_216), (20_000, 9_216)])
        func `9764-3-03: a jumbo frame is read whole, and the length of any is known`(
            sent: Int, seen: Int
        ) throws {
            try RouteLab.run { lab in
                let loopback = SocketAddress(high: 0x7f00_0001 << 32, low: 0, isIPv6: false)
                let listener = try DatagramSocket(isIPv6: false)
                try listener.bind(loopback, port: 3784)
                let speaker = try DatagramSocket(isIPv6: false)
                var buffer = TransmitBuffer()
                buffer.fill(sent) { bytes in
                    bytes.storeBytes(of: 0x5a, toByteOffset: sent - 1, as: UInt8.self)
                }
                let refusal = DatagramSocket.send(
                    buffer, byteCount: sent, from: speaker.descriptor, to: loopback, port: 3784,
                    interfaceIndex: 0)
                #expect(refusal == nil)
                var batch = try DatagramBatch(capacity: 4, byteCapacity: 9_216)
                var count = 0
                try lab.waitUntil("the datagram arrives") {
                    count = batch.read(from: listener.descriptor)
                    return count > 0
                }
                #expect(count == 1)
                #expect(batch.arrival(0).byteCount == sent)
                let (read, last) = batch.withBytes(0) { ($0.count, $0[$0.count - 1]) }
                #expect(read == seen)
                #expect(last == (seen == sent ? 0x5a : 0))
            }
        }
    }
}
