public import BFDCore
internal import Synchronization

/// A packet that came or went, for those who watch: what it says, and what became of it.
///
/// There are no other headers than these at this place, so they are told by their fields.
public struct TappedPacket: Sendable {
    /// What became of a packet.
    public enum Fate: Sendable, Hashable {
        /// The kernel took it.
        case sent
        /// The kernel refused it.
        case notSent
        /// It counts for its session.
        case accepted
        /// It was dropped, and counted.
        case discarded(DiscardReason)
    }

    /// How many octets of a payload are kept: more than any BFD packet that is not padded has.
    public static var octetCapacity: Int { 64 }

    /// What became of it.
    public let fate: Fate
    /// When it came, by the kernel's stamp, or when the kernel took it; by the wall clock.
    public let realtimeNanoseconds: Int64
    /// Whose session it belongs to; `nil` when that is not known.
    public internal(set) var peer: PeerID?
    /// The state of that session afterwards.
    public internal(set) var state: SessionState?
    /// The interface it came in by, or is bound to; 0 when that is not known.
    public internal(set) var interfaceIndex: UInt32 = 0
    /// The sender's address.
    public internal(set) var source: IPAddress
    /// Where it goes.
    public internal(set) var destination: IPAddress
    /// UDP source port.
    public internal(set) var sourcePort: UInt16 = 0
    /// UDP destination port.
    public internal(set) var destinationPort: UInt16 = 0
    /// TTL or hop limit; 0 when the kernel did not tell.
    public internal(set) var hopLimit: UInt8 = 255
    /// TOS or traffic class octet; that of received packets is not known, and 0.
    public internal(set) var trafficClass: UInt8 = 0
    /// The octets of its payload.
    public private(set) var byteCount = 0
    /// The first of them.
    public private(set) var octets = InlineArray<64, UInt8>(repeating: 0)

    init(
        _ fate: Fate, at realtimeNanoseconds: Int64, from source: IPAddress,
        to destination: IPAddress
    ) {
        self.fate = fate
        self.realtimeNanoseconds = realtimeNanoseconds
        self.source = source
        self.destination = destination
    }

    mutating func keep(_ bytes: borrowing Span<UInt8>) {
        byteCount = bytes.count
        for index in 0..<min(bytes.count, Self.octetCapacity) { octets[index] = bytes[index] }
    }
}

/// What has been tapped since the last look.
public struct TappedPackets: Sendable {
    /// The packets, roughly in the order of time.
    public var packets: [TappedPacket] = []
    /// Names of interfaces by their index, those that are new.
    public var interfaceNames: [UInt32: String] = [:]
    /// How many packets found no room since the last look.
    public var lostCount: UInt64 = 0

    /// Nothing yet.
    public init() {}
}

/// Copies the packets of an engine thread for another thread, while that keeps up.
///
/// The engine thread never waits, not even for the lock: what finds it taken, or no room, is lost
/// and counted.
public final class PacketTap: Sendable {
    private struct State {
        var tapped = TappedPackets()
        var isOpen = true
    }

    /// How many packets there is room for between two looks, at most.
    public static var maximumCapacity: Int { 32_768 }
    private static let minimumCapacity = 8_192
    /// How many interfaces may be named between two looks without an allocation where packets go.
    private static let interfaceCapacity = 64

    private let state = Mutex(State())
    private let missed = Atomic<UInt64>(0)
    /// How many there were at the last look.
    private let lastCount = Atomic<Int>(0)
    /// Whose packets are copied; `nil` for all.
    private let peers: Set<PeerID>?
    private let addresses: Set<IPAddress>

    /// A tap for some peers, known also by their addresses, or for all.
    public init(peers: Set<PeerID>?, addresses: Set<IPAddress>) {
        self.peers = peers
        self.addresses = addresses
        state.withLock { $0.tapped = Self.room(for: Self.minimumCapacity) }
    }

    /// Takes what there is, and leaves room for a few times as much: room is made here, where
    /// nobody waits for it.
    public func take() -> TappedPackets {
        let count = max(
            lastCount.load(ordering: .relaxed), state.withLock { $0.tapped.packets.count })
        var next = Self.room(for: min(max(4 * count, Self.minimumCapacity), Self.maximumCapacity))
        state.withLock { swap(&$0.tapped, &next) }
        lastCount.store(next.packets.count, ordering: .relaxed)
        next.lostCount += missed.exchange(0, ordering: .relaxed)
        return next
    }

    private static func room(for count: Int) -> TappedPackets {
        var room = TappedPackets()
        room.packets.reserveCapacity(count)
        room.interfaceNames.reserveCapacity(interfaceCapacity)
        return room
    }

    /// Ends it: the engine thread forgets it at the next packet.
    public func close() {
        state.withLock { state in
            state.isOpen = false
            state.tapped = TappedPackets()
        }
    }

    /// Whether it has been ended; where the lock is taken, that is told later.
    var isClosed: Bool { state.withLockIfAvailable { !$0.isOpen } ?? false }

    /// Whether packets of a peer are copied, who is known by the sender's address if by nothing
    /// else.
    func wants(_ peer: PeerID?, from source: IPAddress) -> Bool {
        guard let peers else { return true }
        return peer.map { peers.contains($0) } ?? addresses.contains(source)
    }

    /// Copies a packet; false when nobody watches any more.
    func record(_ packet: TappedPacket, interfaceName: String?) -> Bool {
        let isOpen = state.withLockIfAvailable { state in
            guard state.isOpen else { return false }
            // What an array has room for is at least what was asked for: nothing is allocated.
            guard state.tapped.packets.count < state.tapped.packets.capacity else {
                state.tapped.lostCount += 1
                return true
            }
            state.tapped.packets.append(packet)
            if let interfaceName, state.tapped.interfaceNames[packet.interfaceIndex] == nil {
                state.tapped.interfaceNames[packet.interfaceIndex] = interfaceName
            }
            return true
        }
        guard let isOpen else {
            missed.add(1, ordering: .relaxed)
            return true
        }
        return isOpen
    }
}
