public import BFDCore

/// The last packet of a sender that was discarded for one reason.
public struct DiscardSample: Sendable, BitwiseCopyable {
    /// How it came in.
    public internal(set) var arrival: Arrival
    /// Why it was discarded.
    public internal(set) var reason: DiscardReason
    /// How many there have been, since the first of those that are remembered.
    public internal(set) var count: UInt32
    /// The octets of its payload.
    public internal(set) var byteCount: Int
    /// The first of them, as many as there are.
    public internal(set) var octets: InlineArray<32, UInt8>

    /// A field of four octets; `nil` behind the end.
    public func number(at offset: Int) -> UInt32? {
        guard offset + 4 <= min(byteCount, 32) else { return nil }
        return (0..<4).reduce(0) { $0 << 8 | UInt32(octets[offset + $1]) }
    }
}

/// Discarded packets, one for each sender and reason, in memory that is there from the start.
///
/// Touched by discarded packets only. A sender and a reason have two places; who else has come
/// there before gives way, the older one first. So a flood from forged addresses wears samples out,
/// takes no memory, and the next packet of a peer is kept again.
struct DiscardSamples: ~Copyable {
    static let capacity = 256
    private var samples: [DiscardSample?]
    private let seed: UInt64

    init(seed: UInt64) {
        samples = Array(repeating: nil, count: Self.capacity)
        self.seed = seed
    }

    /// All that are remembered.
    var all: [DiscardSample] { samples.compactMap { $0 } }

    mutating func note(
        _ bytes: borrowing Span<UInt8>, _ arrival: Arrival, _ reason: DiscardReason
    ) {
        let place = place(of: arrival.source, reason)
        var octets = InlineArray<32, UInt8>(repeating: 0)
        for index in 0..<min(bytes.count, 32) { octets[index] = bytes[index] }
        let known = samples[place]?.count ?? 0
        let isSame = samples[place].map { $0.isOf(arrival.source, reason) } ?? false
        samples[place] = DiscardSample(
            arrival: arrival, reason: reason, count: isSame && known < .max ? known + 1 : 1,
            byteCount: bytes.count, octets: octets)
    }

    /// Where the sender's packets are kept, or else the place that was used longer ago.
    private func place(of source: IPAddress, _ reason: DiscardReason) -> Int {
        var hash = seed ^ source.high ^ (source.low &* 0x9e37_79b9_7f4a_7c15)
        hash = (hash ^ UInt64(reason.rawValue)) &* 0xbf58_476d_1ce4_e5b9
        hash = (hash ^ hash >> 29) &* 0x94d0_49bb_1331_11eb
        let first = Int(hash >> 32) % Self.capacity
        let second = first ^ 1
        guard let one = samples[first], !one.isOf(source, reason) else { return first }
        guard let other = samples[second], !other.isOf(source, reason) else { return second }
        return one.arrival.receivedAt < other.arrival.receivedAt ? first : second
    }
}

extension DiscardSample {
    fileprivate func isOf(_ source: IPAddress, _ reason: DiscardReason) -> Bool {
        self.reason == reason && arrival.source == source
    }
}
