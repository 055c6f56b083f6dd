public import BFDCore

/// A session end that sends what it was told to, when it was told to, whatever it hears.
public final class RecitingPeer: ScriptedPeer {
    /// Its discriminator.
    public private(set) var localDiscriminator: UInt32
    /// It has no state.
    public var state: SessionState { .down }
    private var lines: [(at: Instant, packet: ControlPacket)]
    private var next = 0
    /// What it heard, in order.
    public private(set) var heard: [ControlPacket] = []

    /// A peer that sends `lines`, which are in order of time; a Your Discriminator of zero is
    /// replaced by the last one heard.
    public init(
        localDiscriminator: UInt32, _ lines: [(at: Nanoseconds, packet: ControlPacket)]
    ) {
        self.localDiscriminator = localDiscriminator
        self.lines = lines.map { (Instant(nanoseconds: $0.at.count), $0.packet) }
    }

    /// When it sends next.
    public var nextWake: Instant { next < lines.count ? lines[next].at : .distantFuture }

    /// Nothing.
    public func start(_ settings: SessionSettings, at now: Instant) {}
    /// Nothing.
    public func configure(_ settings: SessionSettings, at now: Instant) {}
    /// Nothing.
    public func setDisabled(_ isDisabled: Bool, at now: Instant) {}
    /// Another discriminator.
    public func renew(_ localDiscriminator: UInt32, at now: Instant) {
        self.localDiscriminator = localDiscriminator
    }

    /// Remembers the packet.
    public func receive(_ packet: ControlPacket, at now: Instant) -> [PeerAct] {
        heard.append(packet)
        return []
    }

    /// Sends what is due.
    public func wake(at now: Instant) -> [PeerAct] {
        var acts: [PeerAct] = []
        while next < lines.count, lines[next].at <= now {
            var packet = lines[next].packet
            if packet.yourDiscriminator == 0, let last = heard.last {
                packet.yourDiscriminator = last.myDiscriminator
            }
            acts.append(.send(packet))
            next += 1
        }
        return acts
    }
}
