/// The state of one end of a session, numbered as in the Sta field (RFC 5880 §4.1).
public enum SessionState: UInt8, Sendable, Hashable, CaseIterable, BitwiseCopyable {
    /// Held down by an operator.
    case adminDown = 0
    /// The path is not known to work.
    case down = 1
    /// The peer is heard, but does not hear us yet, as far as we know.
    case initializing = 2
    /// Both ends hear each other.
    case up = 3

    /// The state with the number in the low two bits: all four are states.
    @_noAllocation @_noLocks
    init(bits: UInt8) {
        switch bits & 0x03 {
        case 0: self = .adminDown
        case 1: self = .down
        case 2: self = .initializing
        default: self = .up
        }
    }

    /// The number in the Sta field.
    var bits: UInt8 {
        @_noAllocation @_noLocks get {
            switch self {
            case .adminDown: 0
            case .down: 1
            case .initializing: 2
            case .up: 3
            }
        }
    }

    /// Whether two states are the same.
    @_noAllocation @_noLocks
    public static func == (left: SessionState, right: SessionState) -> Bool {
        left.bits == right.bits
    }
}
