/// What is wrong with the timers of a session before it runs.
public enum TimerConcern: Sendable, Hashable {
    /// The protocol's field has eight bits.
    case multiplierOutOfRange(TimerTriple)
    /// An interval of zero.
    case intervalZero(TimerTriple)
    /// OVN counts in whole milliseconds.
    case belowOVN(TimerTriple)
    /// We may be late by more than the peer can spare.
    case tooFast(Negotiation, NodeLateness)
    /// It takes longer than the end's own numbers say.
    case slowerThanThought(Negotiation, expected: Int64)
    /// The two ends notice a failure at very different times.
    case mismatched(Negotiation, Negotiation)

    /// What is to be said about our timers, and about those of the other end where they are known.
    ///
    /// Without them the other end is taken to be configured like ours.
    public static func all(
        ours: TimerTriple, theirs: TimerTriple?, isOVN: Bool, lateness: NodeLateness?
    ) -> [TimerConcern] {
        var concerns: [TimerConcern] = []
        for triple in [ours, theirs].compactMap({ $0 }) {
            if !(1...255).contains(triple.multiplier) {
                concerns.append(.multiplierOutOfRange(triple))
            }
            if triple.minTx <= 0 || triple.minRx <= 0 { concerns.append(.intervalZero(triple)) }
        }
        guard concerns.isEmpty else { return concerns }
        if isOVN, !ours.isWholeMilliseconds { concerns.append(.belowOVN(ours)) }
        let other = theirs ?? ours
        let here = Negotiation(of: ours, for: other)
        let there = Negotiation(of: other, for: ours)
        if let lateness, there.spareNanoseconds < 2 * lateness.worst {
            concerns.append(.tooFast(there, lateness))
        }
        guard theirs != nil else { return concerns }
        for negotiation in [here, there] {
            let expected = negotiation.receiver.multiplier * negotiation.receiver.minRx
            if negotiation.detectionTime * 2 > expected * 3 {
                concerns.append(.slowerThanThought(negotiation, expected: expected))
            }
        }
        let (short, long) =
            here.detectionTime < there.detectionTime ? (here, there) : (there, here)
        if long.detectionTime >= short.detectionTime * 2 {
            concerns.append(.mismatched(short, long))
        }
        return concerns
    }

    /// The concern in words.
    public var explanation: Explanation {
        Explanation(code: code, evidence: evidence, meaning: meaning, nextStep: nextStep)
    }

    /// A short code that stays the same when words change.
    public var code: String {
        switch self {
        case .multiplierOutOfRange: "timers-multiplier"
        case .intervalZero: "timers-zero"
        case .belowOVN: "timers-below-ovn"
        case .tooFast: "timers-too-fast"
        case .slowerThanThought: "timers-slower-than-thought"
        case .mismatched: "timers-mismatched"
        }
    }

    private var evidence: String {
        switch self {
        case .multiplierOutOfRange(let triple):
            "\(triple.name) has multiplier \(triple.multiplier)"
        case .intervalZero(let triple):
            "\(triple.name) has min_tx \(Negotiation.span(triple.minTx)) and min_rx "
                + Negotiation.span(triple.minRx)
        case .belowOVN(let triple):
            "\(triple.name) has intervals of \(triple.minTx) µs and \(triple.minRx) µs"
        case .tooFast(let negotiation, let lateness):
            "\(negotiation.text), of which \(negotiation.spareNanoseconds / 1_000) µs are to "
                + "spare; this node was \(lateness.worst / 1_000) µs late in "
                + "\(lateness.wakeUpCount) wake-ups, "
                + (lateness.priority > 0
                    ? "with SCHED_FIFO \(lateness.priority)" : "without real-time priority")
        case .slowerThanThought(let negotiation, let expected):
            "\(negotiation.text), not the \(Negotiation.span(expected)) of its own numbers"
        case .mismatched(let short, let long): "\(short.text), but \(long.text)"
        }
    }

    private var meaning: String {
        switch self {
        case .multiplierOutOfRange: "a packet can say 1 to 255, and nothing else"
        case .intervalZero: "zero asks the other end for silence, or is reserved"
        case .belowOVN:
            "OVN cuts to whole milliseconds, and reads less than one as 0: it falls silent"
        case .tooFast:
            "the peer will declare us down although the path is well: twice the worst seen must "
                + "fit into what is to spare"
        case .slowerThanThought:
            "the slower end decides: a failure is noticed later than its operator thinks"
        case .mismatched:
            "after a failure one end stops sending data and the other goes on"
        }
    }

    private var nextStep: String {
        switch self {
        case .multiplierOutOfRange: "Choose a multiplier from 1 to 255; 3 is usual."
        case .intervalZero: "Choose intervals of at least 1 ms, such as 300 ms."
        case .belowOVN: "Choose whole milliseconds from 1 ms."
        case .tooFast:
            "Choose longer intervals or a larger multiplier, give the daemon real-time priority, "
                + "or measure longer: gatewatch jitter --duration 600s."
        case .slowerThanThought(let negotiation, _):
            negotiation.sender.minTx > negotiation.receiver.minRx
                ? "Lower the interval at which \(negotiation.sender.name) sends, or its multiplier."
                : "Lower the multiplier of \(negotiation.sender.name)."
        case .mismatched: "Give both ends the same intervals and multiplier."
        }
    }
}

extension TimerTriple {
    /// Whether OVN reads the intervals as they are.
    var isWholeMilliseconds: Bool {
        minTx.isMultiple(of: 1_000) && minRx.isMultiple(of: 1_000)
    }
}

extension Negotiation {
    /// How late a packet of the sender may be when one more has been lost, in nanoseconds.
    var spareNanoseconds: Int64 {
        switch sender.multiplier {
        // The jitter of RFC 5880 §6.8.7 leaves a tenth; there is no packet to lose.
        case ...1: interval * 100
        case 2: interval * 1_000
        default: interval * 1_000 * (sender.multiplier - 2)
        }
    }
}
