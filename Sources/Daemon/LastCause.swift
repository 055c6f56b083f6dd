internal import ControlProtocol

/// Why a session last changed; put into words when somebody asks.
struct LastCause {
    /// What it changed to; nil for a signal, which changes nothing by itself.
    var state: SessionStateName?
    var text: String

    var description: String { state.map { "\($0.label): \(text)" } ?? text }
}
