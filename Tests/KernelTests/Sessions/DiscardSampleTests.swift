import BFDCore
@testable import BFDDriver
import Testing

/// What is kept of discarded packets, in memory that does not grow.
@Suite struct DiscardSampleTests {
    private static let peer = IPAddress(ipv4: 0x0a09_0001)

    private func arrival(_ source: IPAddress, at nanoseconds: Int64 = 0) -> Arrival {
        Arrival(
            source: source, destination: IPAddress(ipv4: 0x0a09_000a), interfaceIndex: 2,
            hopLimit: 254, receivedAt: Instant(nanoseconds: nanoseconds))
    }

    private func note(
        _ octets: [UInt8], _ source: IPAddress, _ reason: DiscardReason, at nanoseconds: Int64 = 0,
        in samples: inout DiscardSamples
    ) {
        samples.note(octets.span, arrival(source, at: nanoseconds), reason)
    }

    @Test func `Of a sender and a reason the last packet is kept, and how many there were`() throws
    {
        var samples = DiscardSamples(seed: 1)
        note([1, 2, 3], Self.peer, .truncated, in: &samples)
        let octets = (0..<52).map { UInt8($0) }
        note(octets, Self.peer, .ttlNot255, in: &samples)
        note(octets, Self.peer, .ttlNot255, at: 7, in: &samples)
        #expect(samples.all.count == 2)
        let low = try #require(samples.all.first { $0.reason == .ttlNot255 })
        #expect(low.count == 2 && low.arrival.receivedAt.nanoseconds == 7)
        #expect(low.byteCount == 52 && low.number(at: 8) == 0x0809_0a0b)
        #expect(low.number(at: 28) == 0x1c1d_1e1f && low.number(at: 29) == nil)
        let short = try #require(samples.all.first { $0.reason == .truncated })
        #expect(short.number(at: 0) == nil && short.octets[2] == 3)
    }

    @Test func `A flood of forged senders takes no memory, and a peer's next packet is kept`() {
        var samples = DiscardSamples(seed: 2)
        for number in 0..<100_000 {
            note(
                [0], IPAddress(ipv4: 0xc612_0000 + UInt32(number)), .noSession,
                at: Int64(number), in: &samples)
        }
        #expect(samples.all.count <= DiscardSamples.capacity)
        note([0], Self.peer, .ttlNot255, at: 100_001, in: &samples)
        #expect(samples.all.contains { $0.arrival.source == Self.peer })
        // Two places for each: one more forged sender does not take the newest away.
        for number in 0..<64 {
            note(
                [0], IPAddress(ipv4: 0xc613_0000 + UInt32(number)), .noSession, at: 100_000,
                in: &samples)
        }
        #expect(samples.all.contains { $0.arrival.source == Self.peer })
    }
}
