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

extension LastCause: Codable {
    private enum CodingKeys: CodingKey {
        case state, text, cause, ownLatenessMicroseconds
    }

    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        state = try values.decodeIfPresent(SessionStateName.self, forKey: .state)
        text = try values.decode(String.self, forKey: .text)
        cause = try values.decodeIfPresent(UInt8.self, forKey: .cause)
            .flatMap { StateChangeCause(rawValue: $0) }
        ownLatenessMicroseconds = try values.decode(UInt32.self, forKey: .ownLatenessMicroseconds)
    }

    func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encodeIfPresent(state, forKey: .state)
        try values.encode(text, forKey: .text)
        try values.encodeIfPresent(cause?.rawValue, forKey: .cause)
        try values.encode(ownLatenessMicroseconds, forKey: .ownLatenessMicroseconds)
    }
}
