import BFDCore
@testable import BFDDriver
import Testing

/// What is copied for those who watch packets.
@Suite struct PacketTapTests {
    private static let address = IPAddress(ipv4: 0x0a09_0001)

    private static func packet(at time: Int64 = 0) -> TappedPacket {
        TappedPacket(.accepted, at: time, from: address, to: IPAddress(ipv4: 0x0a09_000a))
    }

    @Test func `What finds no room is counted, and the next look makes more`() {
        let tap = PacketTap(peers: nil, addresses: [])
        let isOpen = (0..<100_000).allSatisfy { time in
            tap.record(Self.packet(at: Int64(time)), interfaceName: nil)
        }
        #expect(isOpen)
        let first = tap.take()
        #expect(first.packets.count >= 8_192 && first.packets.count < 100_000)
        #expect(
            first.packets.map(\.realtimeNanoseconds)
                == Array(0..<first.packets.count).map { Int64($0) })
        #expect(Int(first.lostCount) == 100_000 - first.packets.count)
        for _ in 0..<100_000 { _ = tap.record(Self.packet(), interfaceName: nil) }
        let second = tap.take()
        #expect(second.packets.count > first.packets.count)
        #expect(second.packets.count < 2 * PacketTap.maximumCapacity)
        #expect(Int(second.lostCount) == 100_000 - second.packets.count)
        let third = tap.take()
        #expect(third.packets.isEmpty && third.lostCount == 0)
    }

    @Test func `One that has been closed takes nothing more`() {
        let tap = PacketTap(peers: nil, addresses: [])
        #expect(tap.record(Self.packet(), interfaceName: "eth0"))
        tap.close()
        #expect(tap.isClosed)
        #expect(!tap.record(Self.packet(), interfaceName: nil))
        #expect(tap.take().packets.isEmpty)
    }

    @Test func `Peers are known by name, and by address where nothing else is known`() {
        let one = PeerID(rawValue: 1)
        let tap = PacketTap(peers: [one], addresses: [Self.address])
        #expect(tap.wants(one, from: IPAddress(ipv4: 7)))
        #expect(!tap.wants(PeerID(rawValue: 2), from: Self.address))
        #expect(tap.wants(nil, from: Self.address))
        #expect(!tap.wants(nil, from: IPAddress(ipv4: 7)))
        let all = PacketTap(peers: nil, addresses: [])
        #expect(all.wants(nil, from: IPAddress(ipv4: 7)))
    }

    @Test func `Of a long payload the beginning is kept, and its length`() {
        var packet = Self.packet()
        let octets = (0..<100).map { UInt8($0) }
        packet.keep(octets.span)
        #expect(packet.byteCount == 100)
        #expect((0..<64).allSatisfy { packet.octets[$0] == UInt8($0) })
    }
}
