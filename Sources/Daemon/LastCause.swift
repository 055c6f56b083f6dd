internal import BFDCore
internal import ControlProtocol

/// Why a session last changed; put into words when somebody asks.
struct LastCause {
    /// What it changed to; nil for a signal, which changes nothing by itself.
    var state: SessionStateName?
    var text: String
    /// The engine's own word for it; nil for a signal.
    var cause: StateChangeCause?
    /// By how much a packet of ours was late when the session last left Up, in microseconds.
    var ownLatenessMicroseconds: UInt32 = 0

    var description: String { state.map { "\($0.label): \(text)" } ?? text }
}
