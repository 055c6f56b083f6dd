/// What a received state does to ours (RFC 5880 §6.2 and §6.8.6).
enum StateStep {
    case stay
    case initialize
    case goUp
    case goDown
}

enum StateMachine {
    /// All sixteen pairs of our state and the state in the packet.
    @_noAllocation @_noLocks
    static func step(from state: SessionState, receiving remoteState: SessionState) -> StateStep {
        switch (state, remoteState) {
        case (.adminDown, .adminDown): .stay
        case (.adminDown, .down): .stay
        case (.adminDown, .initializing): .stay
        case (.adminDown, .up): .stay
        case (.down, .adminDown): .stay
        case (.down, .down): .initialize
        case (.down, .initializing): .goUp
        case (.down, .up): .stay
        case (.initializing, .adminDown): .goDown
        case (.initializing, .down): .stay
        case (.initializing, .initializing): .goUp
        case (.initializing, .up): .goUp
        case (.up, .adminDown): .goDown
        case (.up, .down): .goDown
        case (.up, .initializing): .stay
        case (.up, .up): .stay
        }
    }
}
