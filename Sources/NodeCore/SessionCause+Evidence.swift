extension SessionCause {
    /// A short code that stays the same when words change.
    public var code: String {
        switch self {
        case .disabledHere: "session-disabled-here"
        case .waitingToStart: "session-start-delay"
        case .pathReportedDown: "session-path-down"
        case .linkAbsent: "session-link-absent"
        case .linkDown: "session-link-down"
        case .linkWithoutCarrier: "session-no-carrier"
        case .noKeyToSend: "session-auth-expired"
        case .sourceMissing: "session-source-missing"
        case .noRoute: "session-no-route"
        case .neighborSilent: "session-neighbour"
        case .filteredOutgoing: "session-filter-out"
        case .sendRefused: "session-send-refused"
        case .portShared: "session-port-shared"
        case .filteredIncoming: "session-filter-in"
        case .portUnreachable: "session-port-unreachable"
        case .prohibited: "session-prohibited"
        case .unreachable: "session-unreachable"
        case .hopLimitTooLow: "session-ttl"
        case .discriminatorStale: "session-stale-discriminator"
        case .authenticationType: "session-auth-type"
        case .authenticationKey: "session-auth-key"
        case .authenticationSequence: "session-auth-sequence"
        case .authenticationDigest: "session-auth-secret"
        case .discarded: "session-discards"
        case .disabledThere: "session-peer-admin-down"
        case .silenceAskedFor: "session-peer-wants-silence"
        case .belowMillisecond: "session-ovn-interval"
        case .slowerThanDetection: "session-too-late"
        case .oneWay: "session-one-way"
        case .rowUnreferenced: "session-ovn-admin-down"
        case .silentOVN: "session-ovn-silent"
        case .silent: "session-silent"
        case .notReturned: "session-not-returned"
        case .comingUp: "session-coming-up"
        }
    }

    /// What was seen, as a sentence without a final stop.
    public var evidence: String {
        switch self {
        case .disabledHere: "the session is AdminDown by an operator of this node"
        case .waitingToStart(let seconds): "start-delay has \(seconds) s left"
        case .pathReportedDown: "the path was reported down from outside BFD"
        case .linkAbsent(let link): "this namespace has no link \(link)"
        case .linkDown(let link): "the link \(link) is set down"
        case .linkWithoutCarrier(let link): "the link \(link) is up and has no carrier"
        case .noKeyToSend: "the send-lifetime of none of its keys is now"
        case .sourceMissing(let address): "no link of this namespace has the address \(address)"
        case .noRoute(let address, let text): "the kernel has no way to \(address): \(text)"
        case .neighborSilent(let nextHop, let link, _):
            "nobody answers for \(nextHop)\(link.map { " on \($0)" } ?? ""): its neighbour entry "
                + "has no hardware address"
        case .filteredOutgoing(let text): "the kernel refuses our packets with EPERM (\(text))"
        case .sendRefused(let text): "the kernel refuses our packets (\(text))"
        case .portShared(let holders):
            "\(holders.map(\.text).joined(separator: " and ")) receives by our UDP port, too"
        case .filteredIncoming(let wire): Self.text(wire)
        case .portUnreachable(_, let port, let complaint):
            "\(complaint.sender) answers our packets with \(complaint.code), port unreachable: "
                + "no program there has UDP \(port) open"
        case .prohibited(_, let complaint):
            "\(complaint.sender) answers our packets with \(complaint.code), administratively "
                + "prohibited"
        case .unreachable(let address, let complaint):
            "\(complaint.sender) answers our packets with \(complaint.code): it does not reach "
                + address
        case .hopLimitTooLow, .discriminatorStale, .authenticationType, .authenticationKey,
            .authenticationSequence, .authenticationDigest, .discarded:
            discardText
        case .disabledThere, .silenceAskedFor, .belowMillisecond, .slowerThanDetection, .oneWay,
            .rowUnreferenced, .silentOVN, .silent, .notReturned, .comingUp:
            wordText
        }
    }

    /// What was seen in packets that were discarded.
    private var discardText: String {
        switch self {
        case .hopLimitTooLow(let least, let discard):
            discard.text(
                discard.sample?.hopLimit.map { "their TTL is \($0), at least \(least) is accepted" }
                    ?? "at least TTL \(least) is accepted")
        case .discriminatorStale(let ours, _, let discard):
            discard.text(
                discard.sample?.yourDiscriminator.map {
                    "they answer to discriminator \($0), ours is \(ours)"
                } ?? "ours is \(ours)")
        case .authenticationType(let ours, let discard):
            discard.text(
                "theirs is \(discard.sample?.authenticationType ?? "none"), ours is "
                    + (ours ?? "none"))
        case .authenticationKey(let discard):
            discard.text(
                discard.sample?.keyID.map { "their key has the id \($0)" }
                    ?? "the id of their key is none of ours")
        case .authenticationSequence(let discard):
            discard.text(
                discard.sample?.sequence.map { "the last number was \($0)" }
                    ?? "their numbers do not follow")
        case .authenticationDigest(let discard):
            discard.text(
                discard.sample?.keyID.map { "type and key id \($0) are right" }
                    ?? "type and key id are right")
        case .discarded(let discard): discard.text(discard.meaning)
        case .disabledHere, .waitingToStart, .pathReportedDown, .linkAbsent, .linkDown,
            .linkWithoutCarrier, .noKeyToSend, .sourceMissing, .noRoute, .neighborSilent,
            .filteredOutgoing,
            .sendRefused, .portShared, .filteredIncoming, .portUnreachable, .prohibited,
            .unreachable, .disabledThere, .silenceAskedFor, .belowMillisecond,
            .slowerThanDetection, .oneWay, .rowUnreferenced, .silentOVN, .silent, .notReturned,
            .comingUp:
            ""
        }
    }

    private static func text(_ wire: WireEvidence) -> String {
        let drops =
            wire.reversePathDrops > 0
            ? "; the reverse path filter dropped \(wire.reversePathDrops) packets meanwhile" : ""
        return "in \(wire.milliseconds) ms \(wire.arrived) of its packets came to a link of this "
            + "node and none to us\(drops)"
    }
}

extension DiscardEvidence {
    /// How many, why, what the last one shows in particular, and its octets.
    fileprivate func text(_ particular: String) -> String {
        let head = "\(count) packet\(count == 1 ? "" : "s") discarded (\(reason)): \(particular)"
        guard let sample else { return head }
        let link = sample.interface.map { " by \($0)" } ?? ""
        return head + "; the last came \(sample.ageMilliseconds) ms ago from \(sample.source)"
            + "\(link), TTL \(sample.hopLimit.map { "\($0)" } ?? "unknown"), "
            + "\(sample.byteCount) octets: \(sample.octets)"
    }
}

extension PortHolder {
    /// The program as people name it.
    var text: String {
        process.map { "\(command) (process \($0), bound to \(address))" }
            ?? "a program that could not be found (bound to \(address))"
    }
}
