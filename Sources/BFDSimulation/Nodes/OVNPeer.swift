public import BFDCore

/// A session end that behaves like ovn-controller's `pinctrl`.
///
/// What is unlike the RFC, or unlike our engine:
///
/// - finds its session by Your Discriminator only, so it never hears a packet with zero there and
///   has to speak first; it sends at the configured rate in Down too;
/// - counts in whole milliseconds, so a Required Min RX below one silences it, and so does a Demand
///   bit seen while Up, for good;
/// - never sends Poll, answers with Final, changes its timers unannounced, Diag is always 0;
/// - does not move a packet that is already scheduled when the peer asks for another rate, and
///   looks for silence only when it sends;
/// - is silent in AdminDown; a peer's discriminator is forgotten when a failure reaches the
///   database: at once after silence, up to five seconds late when the peer said so. A packet that
///   comes after that brings the old one back, and nothing takes it away again.
public final class OVNPeer: ScriptedPeer {
    /// Its discriminator: chosen once for the database row, kept over restarts.
    public private(set) var localDiscriminator: UInt32
    /// Its state.
    public private(set) var state: SessionState = .down
    /// The peer's discriminator as last heard; zero once it is forgotten.
    public private(set) var remoteDiscriminator: UInt32 = 0
    private var settings = SessionSettings()
    private var remoteMinRxMilliseconds: Int64 = 1
    private var hasSeenDemand = false
    private var detectionMilliseconds: Int64 = 0
    private var lastHeard: Int64 = 0
    private var nextTransmit: Int64 = .max
    private var databaseWrite: Int64 = .max
    private var draw: Draw

    /// A peer with a discriminator, and a seed for its jitter.
    public init(localDiscriminator: UInt32, seed: UInt64) {
        self.localDiscriminator = localDiscriminator
        draw = Draw(seed: seed)
    }

    /// When it sends or writes next.
    public var nextWake: Instant {
        let next = min(nextTransmit, databaseWrite)
        return next == .max ? .distantFuture : Instant(nanoseconds: next * 1_000_000)
    }

    /// ovn-controller starts: it is silent for a second or two, and knows no peer.
    public func start(_ settings: SessionSettings, at now: Instant) {
        self.settings = settings
        forget()
        nextTransmit = Self.milliseconds(now) + Int64(draw.number(in: 1_000...2_000))
    }

    /// The row's timers change; nobody is told.
    public func configure(_ settings: SessionSettings, at now: Instant) {
        self.settings = settings
    }

    /// The row loses or gains its last route.
    public func setDisabled(_ isDisabled: Bool, at now: Instant) {
        forget()
        state = isDisabled ? .adminDown : .down
        nextTransmit = isDisabled ? .max : Self.milliseconds(now) + 1
    }

    /// The row is deleted and made again: another discriminator, the same addresses.
    public func renew(_ localDiscriminator: UInt32, at now: Instant) {
        self.localDiscriminator = localDiscriminator
        forget()
        nextTransmit = Self.milliseconds(now) + 1
    }

    /// Takes a packet; one with another Your Discriminator than its own it never sees.
    public func receive(_ packet: ControlPacket, at now: Instant) -> [PeerAct] {
        guard packet.yourDiscriminator == localDiscriminator, state != .adminDown else { return [] }
        guard !packet.authenticationPresent, !(packet.poll && packet.final) else { return [] }
        remoteDiscriminator = packet.myDiscriminator
        let remoteMinTx = Int64(packet.desiredMinTxInterval.count / 1_000)
        remoteMinRxMilliseconds = Int64(packet.requiredMinRxInterval.count / 1_000)
        detectionMilliseconds =
            Int64(packet.detectMultiplier) * max(remoteMinTx, requiredMinRxMilliseconds)
        if packet.demand && state == .up { hasSeenDemand = true }
        lastHeard = Self.milliseconds(now)
        let old = state
        step(packet.state)
        var acts: [PeerAct] = []
        if state != old {
            if state == .down {
                databaseWrite = lastHeard + Int64(draw.number(in: 0...5_000))
            }
            acts.append(.change(from: old, to: state, cause(of: packet.state)))
        }
        if packet.poll { acts.append(.send(makePacket(final: true))) }
        return acts
    }

    /// Looks for silence, sends if the peer wants it, and writes to the database.
    public func wake(at now: Instant) -> [PeerAct] {
        let moment = Self.milliseconds(now)
        var acts: [PeerAct] = []
        if databaseWrite <= moment {
            databaseWrite = .max
            if state == .down { remoteDiscriminator = 0 }
        }
        guard nextTransmit <= moment else { return acts }
        if state == .up || state == .initializing, moment > lastHeard + detectionMilliseconds {
            acts.append(.change(from: state, to: .down, .detectionTimeExpired))
            state = .down
            remoteDiscriminator = 0
        }
        let isWanted = remoteMinRxMilliseconds > 0 && !hasSeenDemand
        if isWanted { acts.append(.send(makePacket(final: false))) }
        let interval = max(desiredMinTxMilliseconds, remoteMinRxMilliseconds)
        let jitter = Int64(draw.number(in: 0...Int(interval / 4)))
        nextTransmit = moment + max(interval - jitter, 1)
        return acts
    }

    private var desiredMinTxMilliseconds: Int64 {
        Int64(settings.desiredMinTxInterval.count / 1_000)
    }

    private var requiredMinRxMilliseconds: Int64 {
        Int64(settings.requiredMinRxInterval.count / 1_000)
    }

    private func forget() {
        state = .down
        remoteDiscriminator = 0
        remoteMinRxMilliseconds = 1
        hasSeenDemand = false
        databaseWrite = .max
    }

    private func step(_ remoteState: SessionState) {
        switch (state, remoteState) {
        case (.down, .down): state = .initializing
        case (.down, .initializing): state = .up
        case (.initializing, .initializing), (.initializing, .up): state = .up
        case (.initializing, .adminDown), (.up, .adminDown), (.up, .down): state = .down
        case (.down, .up), (.down, .adminDown), (.initializing, .down), (.up, .initializing),
            (.up, .up), (.adminDown, _):
            break
        }
    }

    private func cause(of remoteState: SessionState) -> StateChangeCause {
        if state != .down { return .handshake }
        return remoteState == .adminDown ? .peerAdminDown : .peerDown
    }

    private func makePacket(final: Bool) -> ControlPacket {
        ControlPacket(
            diagnostic: .none, state: state, final: final,
            detectMultiplier: settings.detectMultiplier, myDiscriminator: localDiscriminator,
            yourDiscriminator: remoteDiscriminator,
            desiredMinTxInterval: Microseconds(UInt32(desiredMinTxMilliseconds) * 1_000),
            requiredMinRxInterval: Microseconds(UInt32(requiredMinRxMilliseconds) * 1_000))
    }

    private static func milliseconds(_ moment: Instant) -> Int64 {
        moment.nanoseconds / 1_000_000
    }
}
