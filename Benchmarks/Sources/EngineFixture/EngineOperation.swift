import BFDCore
import TimerJitter

/// One thing that the engine does again and again, ready to be done.
public final class EngineOperation {
    /// What is done.
    public enum Kind: String, CaseIterable {
        /// 24 octets become a packet.
        case decode
        /// A packet becomes 24 octets.
        case encode
        /// A session that is Up hears its peer.
        case receive
        /// A packet is due, is sent, and its successor is planned.
        case timeout
    }

    /// The sessions that are measured, of `receive` and `timeout`.
    public static let sessionCounts = [1, 10, 100, 1_000, 10_000]

    /// Every operation by its name, such as `receive-1000`.
    public static let names: [String] = Kind.allCases.flatMap { kind in
        switch kind {
        case .decode, .encode: [kind.rawValue]
        case .receive, .timeout: sessionCounts.map { "\(kind.rawValue)-\($0)" }
        }
    }

    private let kind: Kind
    private let sessionCount: Int
    private var workload: EngineWorkload
    private var now = Instant(nanoseconds: 1_000_000_000_000)
    private var refreshed = Instant(nanoseconds: 1_000_000_000_000)
    private var next = 0
    /// What the optimiser must not find out to be of no use.
    public private(set) var checksum: UInt64 = 0

    /// The operation of a name; `nil` where there is none.
    public init?(named name: String) throws {
        let parts = name.split(separator: "-")
        guard let first = parts.first, let kind = Kind(rawValue: String(first)) else { return nil }
        self.kind = kind
        sessionCount = parts.count > 1 ? Int(parts[1]) ?? 1 : 1
        workload = try EngineWorkload(
            sessionCount: sessionCount, interval: Microseconds(10_000), at: now)
        guard workload.upCount == sessionCount else { return nil }
        // Past the first packets, which still belong to the beginning.
        run(sessionCount * (kind == .timeout ? 3 : 1))
    }

    /// Does it so many times.
    public func run(_ count: Int) {
        switch kind {
        case .decode: decode(count)
        case .encode: encode(count)
        case .receive: receive(count)
        case .timeout: sendWhatIsDue(count)
        }
    }

    private static let packet = ControlPacket(
        diagnostic: .none, state: .up, detectMultiplier: 3, myDiscriminator: 0x1122_3344,
        yourDiscriminator: 0x5566_7788, desiredMinTxInterval: Microseconds(10_000),
        requiredMinRxInterval: Microseconds(10_000))

    private func decode(_ count: Int) {
        var octets = EngineWorkload.octets(of: Self.packet)
        for number in 0..<count {
            octets[7] = UInt8(truncatingIfNeeded: number)
            guard let packet = try? ControlPacket(decoding: octets.span) else { continue }
            checksum &+= UInt64(packet.myDiscriminator)
        }
    }

    private func encode(_ count: Int) {
        var octets = EngineWorkload.octets(of: Self.packet)
        var packet = Self.packet
        for number in 0..<count {
            packet.myDiscriminator = UInt32(truncatingIfNeeded: number) | 1
            var span = octets.mutableSpan
            var bytes = span.mutableBytes
            packet.encode(into: &bytes)
            checksum &+= UInt64(octets[7])
        }
    }

    private func receive(_ count: Int) {
        for _ in 0..<count {
            now = now + Nanoseconds(100)
            checksum &+= UInt64(workload.receive(next, at: now))
            next = next + 1 == sessionCount ? 0 : next + 1
        }
    }

    private func sendWhatIsDue(_ count: Int) {
        var sent = 0
        while sent < count {
            now = max(now, workload.nextDeadline)
            sent += workload.serve(at: now)
            // The peers are heard again before their four minutes are over.
            guard refreshed + .seconds(200) < now else { continue }
            refreshed = now
            for number in 0..<sessionCount { workload.receive(number, at: now) }
        }
        checksum &+= UInt64(sent)
    }
}
