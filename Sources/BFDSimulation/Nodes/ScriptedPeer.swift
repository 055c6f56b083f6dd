public import BFDCore

/// What a scripted peer does.
public enum PeerAct: Sendable, BitwiseCopyable {
    /// It sends a packet.
    case send(ControlPacket)
    /// Its state changes.
    case change(from: SessionState, to: SessionState, StateChangeCause)
}

/// One end of a session that a script plays instead of an engine.
public protocol ScriptedPeer: AnyObject {
    /// Its discriminator.
    var localDiscriminator: UInt32 { get }
    /// Its state, if it has one.
    var state: SessionState { get }
    /// When it wants to be woken.
    var nextWake: Instant { get }
    /// Its process starts, or starts again.
    func start(_ settings: SessionSettings, at now: Instant)
    /// An operator changes it.
    func configure(_ settings: SessionSettings, at now: Instant)
    /// An operator disables or enables it.
    func setDisabled(_ isDisabled: Bool, at now: Instant)
    /// An operator makes it again, under another name.
    func renew(_ localDiscriminator: UInt32, at now: Instant)
    /// A packet arrives.
    func receive(_ packet: ControlPacket, at now: Instant) -> [PeerAct]
    /// The time it wanted to be woken at has come.
    func wake(at now: Instant) -> [PeerAct]
}
