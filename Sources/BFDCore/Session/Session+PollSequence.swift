/// Where a Poll Sequence is (RFC 5880 §6.5).
///
///     idle → requested → active → settling → idle
///            changed     P sent    F came     a packet without F came
///
/// Settling keeps the next sequence apart from a late answer to this one (§6.8.3). In Demand mode
/// no such packet comes: it lasts for a detection time after the last packet with P.
public enum PollSequence: UInt8, Sendable, Hashable, BitwiseCopyable {
    /// None is under way.
    case idle
    /// The next packet will be the first with P.
    case requested
    /// P is on the wire; no F has come yet.
    case active
    /// F has come; a packet without F has not.
    case settling
}

extension Session {
    /// Whether the first packet with P is still to be sent.
    var isPollRequested: Bool {
        @inline(__always) @_noAllocation @_noLocks get {
            switch pollSequence {
            case .requested: true
            case .idle, .active, .settling: false
            }
        }
    }

    /// Whether packets carry P.
    var isPolling: Bool {
        @inline(__always) @_noAllocation @_noLocks get {
            switch pollSequence {
            case .requested, .active: true
            case .idle, .settling: false
            }
        }
    }

    /// Whether the peer may still answer the present Poll Sequence.
    var isPollOnWire: Bool {
        @_noAllocation @_noLocks get {
            switch pollSequence {
            case .active, .settling: true
            case .idle, .requested: false
            }
        }
    }

    /// Whether a Poll Sequence may begin.
    var isPollIdle: Bool {
        @_noAllocation @_noLocks get {
            switch pollSequence {
            case .idle: true
            case .requested, .active, .settling: false
            }
        }
    }

    /// Starts a Poll Sequence, or leaves word to start one when the peer is heard.
    @_noAllocation @_noLocks
    mutating func requestPoll() {
        if isUnaffiliatedEcho { return }
        settlingDeadline = .distantFuture
        wantsPollOnContact = remoteDiscriminator == 0
        pollSequence = wantsPollOnContact ? .idle : .requested
    }

    /// Takes the F bit of an accepted packet into account.
    @_noAllocation @_noLocks
    mutating func notePollAnswer(final: Bool) {
        switch pollSequence {
        case .idle, .requested:
            break
        case .active:
            guard final else { return }
            pollSequence = .settling
            transmitIntervalInEffect = desiredMinTxInterval
            receiveIntervalInEffect = requiredMinRxInterval
            notePollCompleted()
        case .settling:
            if !final && settlingDeadline.nanoseconds == .max { settle() }
        }
    }
}
