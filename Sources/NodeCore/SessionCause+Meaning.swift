extension SessionCause {
    /// What was seen in what the peer says, or does not say.
    var wordText: String {
        switch self {
        case .disabledThere(let address, let isStillHeard):
            isStillHeard
                ? "\(address) says AdminDown in every packet"
                : "the last thing \(address) said was AdminDown; it is silent now"
        case .silenceAskedFor(let address):
            "\(address) says Required Min RX Interval 0: it wants no packets"
        case .belowMillisecond(let interval):
            "the peer has spoken and fell silent, and our required-min-rx-interval is "
                + "\(interval) µs"
        case .slowerThanDetection(let intervals):
            "a packet of ours left \(intervals.worstLateness / 1_000) µs late, and the peer waits "
                + "\(intervals.multiplier) x \(intervals.desiredMinTx) µs = "
                + "\(intervals.shortestDetection) µs"
        case .oneWay(let address, let seconds, let word):
            "\(address) is heard and has been saying \(word.state.rawValue) for \(seconds) s "
                + "(diagnostic \(word.diagnostic)) although we answer Init"
        case .rowUnreferenced(let row):
            "OVN's BFD row \(row.title) has status admin_down"
        case .silentOVN(let address): "nothing comes from \(address), which is OVN"
        case .silent(let address, let port, _, let milliseconds):
            milliseconds.map {
                "in \($0) ms no packet from \(address) to UDP \(port) came to any link of this node"
            } ?? "no packet from \(address) to UDP \(port) has come"
        case .notReturned(let address): "our packets do not come back from \(address)"
        case .comingUp: "both ends are speaking"
        case .disabledHere, .waitingToStart, .pathReportedDown, .linkAbsent, .linkDown,
            .linkWithoutCarrier, .noKeyToSend, .sourceMissing, .noRoute, .neighborSilent,
            .filteredOutgoing,
            .sendRefused, .portShared, .filteredIncoming, .portUnreachable, .prohibited,
            .unreachable, .hopLimitTooLow, .discriminatorStale, .authenticationType,
            .authenticationKey, .authenticationSequence, .authenticationDigest, .discarded:
            ""
        }
    }

    /// What that means, as a sentence without a final stop.
    public var meaning: String {
        switch self {
        case .disabledHere: "the session is off because somebody here wants it off"
        case .waitingToStart:
            "the session neither speaks nor listens until its start-delay is over"
        case .pathReportedDown: "the session is held down until the path is reported up again"
        case .linkAbsent: "without its link no packet can leave or arrive"
        case .linkDown: "a link that is down carries nothing, and its routes are gone"
        case .linkWithoutCarrier: "the cable, the switch port or the other end of the link is off"
        case .noKeyToSend: "without a key no packet is sent, and the peer hears nothing"
        case .sourceMissing: "packets cannot come from an address that this namespace does not have"
        case .noRoute: "packets do not get to the peer from here"
        case .neighborSilent(_, _, let isPeer):
            isPeer
                ? "the peer is off, on another VLAN, or has another address: BFD is not even tried"
                : "the router on the way to the peer is off or on another VLAN"
        case .filteredOutgoing: "a firewall rule of this node drops BFD on its way out"
        case .sendRefused: "no packet leaves this node"
        case .portShared: "the kernel gives packets to one program only, and it need not be us"
        case .filteredIncoming(let wire):
            wire.reversePathDrops > 0
                ? "the way back to the peer leads by another link, so strict rp_filter drops them"
                : "a firewall rule of this node drops them before any socket"
        case .portUnreachable:
            "the peer is reachable and runs no BFD, or none for this kind of path"
        case .prohibited: "a firewall on the way, or the peer's own, does not let BFD pass"
        case .unreachable: "the path is interrupted beyond this node"
        case .hopLimitTooLow:
            "a router is on the way, or the sender does not set TTL 255 as RFC 5881 wants it"
        case .discriminatorStale:
            "the peer holds on to a session of an earlier run of ours, and we must not believe it"
        case .authenticationType: "both ends must authenticate, and by the same type"
        case .authenticationKey: "the peer signs with a key that is not ours now"
        case .authenticationSequence:
            "the peer counted anew after a restart, or somebody sends old packets again"
        case .authenticationDigest: "both ends have a key of this id, with different secrets"
        case .discarded: "the peer is there, and what it sends does not fit this session"
        case .disabledThere: "the peer's operator has closed the session: that is no failure"
        case .silenceAskedFor: "a session cannot come up with an end that must not be spoken to"
        case .belowMillisecond:
            "OVN counts in whole milliseconds, reads less as 0 and stops sending"
        case .slowerThanDetection: "the peer declares us down although the path is well"
        case .oneWay: "our packets do not arrive there, or the peer drops them"
        case .rowUnreferenced:
            "no route or policy in OVN refers to the row, so OVN sends nothing; it does not mean "
                + "that this node or its firewall is at fault"
        case .silentOVN:
            "OVN always speaks first, and only for a row that a route or policy refers to; without "
                + "one the row stays in admin_down, which is no fault of this node"
        case .silent(_, _, let isPassive, _):
            isPassive
                ? "we are passive and wait: if the peer is passive, too, neither ever speaks"
                : "the peer has no session with us, or a firewall beyond this node drops it"
        case .notReturned: "the peer does not forward, or answers by another link"
        case .comingUp: "the handshake takes a second or two"
        }
    }

    /// All of it.
    public var explanation: Explanation {
        Explanation(code: code, evidence: evidence, meaning: meaning, nextStep: nextStep)
    }
}

extension OVNBFDRow {
    /// The row as people find it again.
    public var title: String {
        logicalPort.isEmpty ? "dst_ip \(destination)" : "\(logicalPort) to \(destination)"
    }
}
