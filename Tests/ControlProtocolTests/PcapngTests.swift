import BFDCore
import ControlProtocol
import Testing

/// Captures, octet by octet.
@Suite struct PcapngTests {
    private static func capture() -> [UInt8] {
        var writer = PcapngWriter()
        writer.begin(operatingSystem: "Linux", application: "gw 1")
        let number = writer.addInterface(name: "eth0", snapLength: 112)
        writer.add(
            PcapngWriter.Packet(
                interface: number, realtimeNanoseconds: 0x1122_3344_5566_7788,
                direction: .inbound, octets: [0x45, 1, 2, 3, 4], byteCount: 9, comment: "hi",
                dropCount: 7))
        writer.addStatistics(
            interface: number, realtimeNanoseconds: 1, receivedCount: 3, dropCount: 2)
        return writer.octets
    }

    @Test func `Blocks are written as the format says, padded to four octets`() {
        let golden: [[UInt8]] = [
            // Section: type, length, byte order, version 1.0, length unknown.
            [0x0a, 0x0d, 0x0d, 0x0a, 52, 0, 0, 0, 0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0],
            [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            // Operating system, application, end.
            [3, 0, 5, 0], Array("Linux".utf8), [0, 0, 0],
            [4, 0, 4, 0], Array("gw 1".utf8), [0, 0, 0, 0], [52, 0, 0, 0],
            // Interface: raw IP, snap length, name, nanoseconds, end.
            [1, 0, 0, 0, 40, 0, 0, 0, 101, 0, 0, 0, 112, 0, 0, 0],
            [2, 0, 4, 0], Array("eth0".utf8), [9, 0, 1, 0, 9, 0, 0, 0], [0, 0, 0, 0],
            [40, 0, 0, 0],
            // Packet: interface, time, kept and real length, octets.
            [6, 0, 0, 0, 72, 0, 0, 0, 0, 0, 0, 0, 0x44, 0x33, 0x22, 0x11],
            [0x88, 0x77, 0x66, 0x55, 5, 0, 0, 0, 9, 0, 0, 0, 0x45, 1, 2, 3, 4, 0, 0, 0],
            // Inbound, dropped before it, comment, end.
            [2, 0, 4, 0, 1, 0, 0, 0], [4, 0, 8, 0, 7, 0, 0, 0, 0, 0, 0, 0],
            [1, 0, 2, 0, 0x68, 0x69, 0, 0], [0, 0, 0, 0], [72, 0, 0, 0],
            // Statistics: interface, time, received, dropped, end.
            [5, 0, 0, 0, 52, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0],
            [4, 0, 8, 0, 3, 0, 0, 0, 0, 0, 0, 0], [5, 0, 8, 0, 2, 0, 0, 0, 0, 0, 0, 0],
            [0, 0, 0, 0], [52, 0, 0, 0],
        ]
        #expect(Self.capture() == golden.flatMap(\.self))
    }

    @Test(arguments: [1, 7, 64, 1_000])
    func `What is written is read again, in pieces of any size`(_ size: Int) throws {
        let octets = Self.capture()
        var reader = PcapngReader()
        var blocks: [PcapngReader.Block] = []
        for start in stride(from: 0, to: octets.count, by: size) {
            blocks += try reader.take(Array(octets[start..<min(start + size, octets.count)]))
        }
        #expect(blocks.map(\.kind) == [.section, .interface, .packet, .other])
        #expect(blocks.flatMap(\.octets) == octets)
        let packet = try #require(blocks.dropFirst(2).first)
        #expect(packet.interface == 0)
        #expect(packet.realtimeNanoseconds == 0x1122_3344_5566_7788)
        #expect(packet.isInbound)
        #expect(packet.comment == "hi")
        #expect(packet.dropCount == 7)
    }

    @Test(arguments: [
        [6, 0, 0, 0, 11, 0, 0, 0, 0, 0, 0, 0], [6, 0, 0, 0, 14, 0, 0, 0, 0, 0, 0, 0],
        [6, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0], [6, 0, 0, 0, 12, 0, 0, 0, 13, 0, 0, 0],
    ])
    func `What is no block is refused`(_ octets: [UInt8]) {
        var reader = PcapngReader()
        #expect(throws: PcapngReader.Misunderstood.self) { try reader.take(octets) }
    }

    @Test func `A packet whose options end too early has none`() throws {
        var reader = PcapngReader()
        // 36 octets: an empty packet, and an option that says that it is longer than the block.
        var octets: [UInt8] = [6, 0, 0, 0, 36, 0, 0, 0] + [UInt8](repeating: 0, count: 20)
        octets += [1, 0, 0xff, 0xff, 36, 0, 0, 0]
        let block = try #require(try reader.take(octets).first)
        #expect(block.comment == nil && block.dropCount == 0 && !block.isInbound)
    }
}

/// The headers that stand before a captured payload.
@Suite struct DatagramHeaderTests {
    @Test func `An IPv4 header and its checksums`() {
        let header = DatagramHeader(
            source: IPAddress(ipv4: 0x0a09_000a), destination: IPAddress(ipv4: 0x0a09_0001),
            sourcePort: 49_152, destinationPort: 3_784, hopLimit: 255, trafficClass: 0xc0)
        let octets = header.octets(before: [1, 2, 3], payloadByteCount: 3)
        #expect(
            octets == [
                0x45, 0xc0, 0, 31, 0, 0, 0x40, 0, 0xff, 17, 0x66, 0xf1, 10, 9, 0, 10, 10, 9, 0, 1,
                0xc0, 0, 0x0e, 0xc8, 0, 11, 0x18, 0xf1, 1, 2, 3,
            ])
    }

    @Test func `An IPv6 header; without all of the payload there is no checksum`() {
        let header = DatagramHeader(
            source: IPAddress(ipv6High: 0xfd09_0000_0000_0000, low: 0x10),
            destination: IPAddress(ipv6High: 0xfd09_0000_0000_0000, low: 1),
            sourcePort: 49_152, destinationPort: 3_784, hopLimit: 64, trafficClass: 0xc0)
        let octets = header.octets(before: [1, 2], payloadByteCount: 100)
        #expect(octets.prefix(8) == [0x6c, 0, 0, 0, 0, 108, 17, 64])
        #expect(octets[40...] == [0xc0, 0, 0x0e, 0xc8, 0, 108, 0, 0, 1, 2])
        #expect(header.octets(before: [1, 2], payloadByteCount: 2)[46...47] != [0, 0])
    }
}
