internal import ControlProtocol

// Two daemons of one node, the one that runs and the one that is to go on, over a Unix socket in
// the state directory:
//
//     running                               its successor
//                            ← greeting     the version of what it can read
//     may follow + terms →                  what the configuration alone does not say
//                            ← name me      to the service manager, if there is one
//                            ← go           everything is ready but sessions and sockets
//     stands still, state →                 sessions, sockets, the control socket
//                            ← done         it has them all, and stands still as well
//     yours + history →                     events, causes; from here on it serves
//     ends
//
// A successor of another version is told so: it can ask the running one to leave, and begins anew.
// Never do both serve. Whoever has waited long enough for a word closes that way of the stream
// first and looks whether the word has come after all; it cannot come any more then. So the running
// one goes on unless "done" has come, and its successor serves once "yours" has: or once the other
// end is closed without a word, which only the death of a process does.

/// The words of a handover, an octet each.
enum HandoverWord: UInt8 {
    case mayFollow = 0x53
    case otherVersion = 0x56
    case refused = 0x52
    case go = 0x47
    case leave = 0x4c
    case done = 0x59
    /// Only to one that has told of its service manager.
    case nameMe = 0x4e
    case yours = 0x48
}

/// What waiting for a word ended with.
enum HandoverAnswer: Hashable {
    case word(HandoverWord)
    /// The other end is closed.
    case end
    case silence
}

/// What a daemon tells its successor before anything is passed.
struct HandoverTerms: Codable {
    /// The process that runs.
    var processID: Int32
    var version: String
    /// What was changed at run time and is in no file.
    var overlay: PeerOverlay
    /// What supervises it; nil without a service manager, and from versions that do not say.
    var service: ServiceTerms?
}

/// What a daemon knows of the past.
struct HandoverHistory: Codable {
    /// The last events, the oldest first.
    var events: [EventRecord]
    var lastSequence: UInt64
    /// Why sessions last changed.
    var lastCauses: [String: LastCause]
}

extension DaemonConfiguration {
    /// Adds what was changed at run time, as far as the source does not say otherwise by now.
    mutating func take(_ overlay: PeerOverlay, over source: ConfigurationSource) {
        guard !overlay.isEmpty else { return }
        let reading = ConfigurationReading(ReadingOrder(source: source, overlay: overlay))
        if let merged = reading.configuration { self = merged }
    }
}
