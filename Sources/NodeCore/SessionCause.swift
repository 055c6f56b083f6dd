/// Why a session is not Up, one case per cause that needs its own repair.
public enum SessionCause: Sendable, Hashable {
    /// Our own operator has disabled it.
    case disabledHere(peer: String)
    /// It was told to wait before it begins.
    case waitingToStart(seconds: Int64)
    /// Somebody outside BFD reported the path down.
    case pathReportedDown
    /// The link does not exist.
    case linkAbsent(link: String)
    /// The link was set down.
    case linkDown(link: String)
    /// Nothing is plugged in at the other end of the link.
    case linkWithoutCarrier(link: String)
    /// No key may be sent with now.
    case noKeyToSend
    /// No link has our configured address.
    case sourceMissing(address: String)
    /// No route leads to the peer.
    case noRoute(address: String, text: String)
    /// The next hop does not answer ARP or neighbour solicitations.
    case neighborSilent(nextHop: String, link: String?, isPeer: Bool)
    /// A filter of this node keeps our packets from leaving.
    case filteredOutgoing(text: String)
    /// The kernel refuses to send for another reason.
    case sendRefused(text: String)
    /// Another program takes packets of our port.
    case portShared([PortHolder])
    /// Packets come to a link of this node and not to us.
    case filteredIncoming(WireEvidence)
    /// Nobody listens on the peer's port.
    case portUnreachable(address: String, port: UInt16, WireEvidence.Complaint)
    /// A filter on the way or at the peer refuses our packets.
    case prohibited(address: String, WireEvidence.Complaint)
    /// A router on the way does not reach the peer.
    case unreachable(address: String, WireEvidence.Complaint)
    /// Packets come from further away than is allowed.
    case hopLimitTooLow(least: UInt8, DiscardEvidence)
    /// The peer answers a session that is not ours any more.
    case discriminatorStale(ours: UInt32, isOVN: Bool, DiscardEvidence)
    /// One end authenticates and the other does not, or by another type.
    case authenticationType(ours: String?, DiscardEvidence)
    /// The peer's key is none of ours.
    case authenticationKey(DiscardEvidence)
    /// The peer's sequence numbers do not follow.
    case authenticationSequence(DiscardEvidence)
    /// Type, key and number are right, and the secret is not.
    case authenticationDigest(DiscardEvidence)
    /// Packets are discarded for another reason.
    case discarded(DiscardEvidence)
    /// The peer's operator has disabled its end.
    case disabledThere(address: String, isStillHeard: Bool)
    /// The peer asks for no packets at all.
    case silenceAskedFor(address: String)
    /// OVN reads our interval as zero.
    case belowMillisecond(requiredMinRx: UInt32)
    /// We have been later than the peer waits.
    case slowerThanDetection(SessionIntervals)
    /// The peer is heard, and does not hear us.
    case oneWay(address: String, seconds: Int64, PeerWord)
    /// OVN keeps the row, but nothing in OVN uses it.
    case rowUnreferenced(OVNBFDRow)
    /// OVN is silent, and its row was not shown.
    case silentOVN(address: String)
    /// Nothing at all comes from the peer.
    case silent(address: String, port: UInt16, isPassive: Bool, milliseconds: Int64?)
    /// Our own packets do not come back.
    case notReturned(address: String)
    /// Both ends are speaking: it takes another moment.
    case comingUp(peer: String)

    /// All causes that the evidence shows, the one to act on first at the front; none for a session
    /// that is Up.
    public static func all(_ evidence: SessionEvidence) -> [SessionCause] {
        switch evidence.state {
        case .up: return []
        case .disabled:
            // What is reported down from outside is AdminDown on the wire (RFC 5880 §6.8.16).
            return [
                evidence.isPathDown ? .pathReportedDown : .disabledHere(peer: evidence.name)
            ]
        case .down, .initializing: break
        }
        if let seconds = evidence.secondsToStart { return [.waitingToStart(seconds: seconds)] }
        var causes: [SessionCause] = evidence.isPathDown ? [.pathReportedDown] : []
        causes += outward(evidence)
        causes += inward(evidence)
        if let cause = interrupted(evidence) { causes.append(cause) }
        causes += spoken(evidence)
        if causes.isEmpty { causes.append(quiet(evidence)) }
        return causes
    }
}

extension SessionCause {
    /// What keeps our packets from the peer.
    private static func outward(_ evidence: SessionEvidence) -> [SessionCause] {
        var causes: [SessionCause] = []
        let path = evidence.path
        switch path.link {
        case .absent(let link): causes.append(.linkAbsent(link: link))
        case .down(let link): causes.append(.linkDown(link: link))
        case .withoutCarrier(let link): causes.append(.linkWithoutCarrier(link: link))
        case .running, nil: break
        }
        if !evidence.hasKeyToSend { causes.append(.noKeyToSend) }
        if let source = path.missingSource { causes.append(.sourceMissing(address: source)) }
        // A missing link or address takes the route with it.
        if causes.isEmpty, case .nowhere(let text) = path.route {
            causes.append(.noRoute(address: evidence.address, text: text))
        }
        if causes.isEmpty, let neighbor = path.neighbor {
            switch neighbor {
            case .failed, .incomplete:
                let isPeer = path.route != nil && path.route == .through(router: nil)
                causes.append(
                    .neighborSilent(
                        nextHop: path.nextHop ?? evidence.address, link: path.linkName,
                        isPeer: isPeer))
            case .known, .absent: break
            }
        }
        if causes.isEmpty, let router = routerOnTheWay(evidence) {
            causes.append(
                .noRoute(
                    address: evidence.address,
                    text: "packets go to the router \(router), and a single-hop peer is on a link"))
        }
        if causes.isEmpty, let failure = evidence.sendFailure {
            switch failure.kind {
            case .filtered: causes.append(.filteredOutgoing(text: failure.text))
            case .other: causes.append(.sendRefused(text: failure.text))
            }
        }
        if causes.isEmpty, let complaint = evidence.wire?.complaint {
            causes.append(Self.cause(complaint, evidence))
        }
        return causes
    }

    /// The router that packets for a single-hop peer go to, where that explains its silence.
    private static func routerOnTheWay(_ evidence: SessionEvidence) -> String? {
        guard evidence.kind == .singleHop, evidence.minimumTTL == 255, evidence.heard == nil,
            evidence.discards.isEmpty, evidence.sendFailure?.kind != .filtered,
            evidence.wire?.complaint == nil, case .through(let router?) = evidence.path.route
        else { return nil }
        return router
    }

    private static func cause(
        _ complaint: WireEvidence.Complaint, _ evidence: SessionEvidence
    ) -> SessionCause {
        switch complaint.kind {
        case .portUnreachable:
            .portUnreachable(address: evidence.address, port: evidence.port, complaint)
        case .prohibited: .prohibited(address: evidence.address, complaint)
        case .unreachable: .unreachable(address: evidence.address, complaint)
        }
    }

    /// What keeps the peer's packets from us, or has us discard them.
    private static func inward(_ evidence: SessionEvidence) -> [SessionCause] {
        var causes: [SessionCause] = []
        if !evidence.otherReceivers.isEmpty { causes.append(.portShared(evidence.otherReceivers)) }
        if let wire = evidence.wire, wire.arrived > 0, wire.delivered == 0, causes.isEmpty {
            causes.append(.filteredIncoming(wire))
        }
        // What is discarded most often is what to repair first.
        for discard in evidence.discards.sorted(by: { $0.count > $1.count }) {
            causes.append(Self.cause(discard, evidence))
        }
        return causes
    }

    private static func cause(
        _ discard: DiscardEvidence, _ evidence: SessionEvidence
    ) -> SessionCause {
        switch discard.kind {
        case .hopLimit: .hopLimitTooLow(least: evidence.minimumTTL, discard)
        case .staleDiscriminator:
            .discriminatorStale(
                ours: evidence.localDiscriminator, isOVN: evidence.isOVN, discard)
        case .authenticationType: .authenticationType(ours: evidence.authentication, discard)
        case .authenticationKey: .authenticationKey(discard)
        case .authenticationSequence: .authenticationSequence(discard)
        case .authenticationDigest: .authenticationDigest(discard)
        case .other: .discarded(discard)
        }
    }

    /// What OVN's own database says of the other end, where it says that nothing is to be expected.
    private static func interrupted(_ evidence: SessionEvidence) -> SessionCause? {
        guard let row = evidence.ovnRow, row.status == "admin_down" else { return nil }
        return .rowUnreferenced(row)
    }

    /// What the peer's valid packets show.
    private static func spoken(_ evidence: SessionEvidence) -> [SessionCause] {
        var causes: [SessionCause] = []
        if evidence.hasFallenSilent, evidence.intervals.requiredMinRx < 1_000 {
            causes.append(.belowMillisecond(requiredMinRx: evidence.intervals.requiredMinRx))
        }
        // The engine has judged already that it was more than the peer could spare.
        if evidence.intervals.worstLateness > 0 {
            causes.append(.slowerThanDetection(evidence.intervals))
        }
        guard let word = evidence.heard else {
            if evidence.hasSaidGoodbye {
                causes.append(.disabledThere(address: evidence.address, isStillHeard: false))
            }
            return causes
        }
        if word.state == .adminDown {
            causes.append(.disabledThere(address: evidence.address, isStillHeard: true))
        } else if word.requiredMinRx == 0, evidence.kind != .unaffiliatedEcho {
            causes.append(.silenceAskedFor(address: evidence.address))
        } else if word.state == .down, evidence.state == .initializing,
            evidence.secondsInState >= 3
        {
            causes.append(
                .oneWay(address: evidence.address, seconds: evidence.secondsInState, word))
        }
        return causes
    }

    /// What is left when nothing is wrong that can be seen from here.
    private static func quiet(_ evidence: SessionEvidence) -> SessionCause {
        if evidence.kind == .unaffiliatedEcho { return .notReturned(address: evidence.address) }
        if evidence.heard != nil { return .comingUp(peer: evidence.name) }
        if let wire = evidence.wire, wire.delivered > 0 { return .comingUp(peer: evidence.name) }
        if evidence.isOVN { return .silentOVN(address: evidence.address) }
        return .silent(
            address: evidence.address, port: evidence.port, isPassive: evidence.isPassive,
            milliseconds: evidence.wire?.milliseconds)
    }
}

extension SessionIntervals {
    /// The shortest detection time that the peer may have for us, in microseconds.
    var shortestDetection: Int64 { Int64(multiplier) * Int64(desiredMinTx) }
}

extension PathEvidence {
    /// The link's name.
    var linkName: String? {
        switch link {
        case .absent(let name), .down(let name), .withoutCarrier(let name), .running(let name):
            name
        case nil: nil
        }
    }
}
