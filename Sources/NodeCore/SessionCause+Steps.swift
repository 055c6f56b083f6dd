extension SessionCause {
    /// What to do next, as whole sentences.
    public var nextStep: String {
        switch self {
        case .disabledHere(let peer): "Enable it with: gatewatch peer enable \(peer)"
        case .waitingToStart: "Wait, or take start-delay out of the configuration."
        case .pathReportedDown:
            "Whoever reported it tells when it is over; for a peer that follows its link, see "
                + "\"ip link show\"."
        case .linkAbsent(let link):
            "See \"ip link show\" in the namespace for the right name. Under Kube-OVN kube-ovn-cni "
                + "moves \(link) there; \"gatewatch namespace show\" says what became of it."
        case .linkDown(let link):
            "Find out who set it down before you run \"ip link set \(link) up\": NetworkManager or "
                + "kube-ovn-cni may do it again."
        case .linkWithoutCarrier(let link):
            "Look at the other end of \(link): switch port, cable, bond; of a veth pair, whether "
                + "the other end is up."
        case .noKeyToSend:
            "Give a key a send-lifetime that has begun and not ended, or none; look at the clock, "
                + "too."
        case .sourceMissing(let address):
            "Add \(address) to its link, or correct source-addr (see \"ip address show\" in the "
                + "namespace)."
        case .noRoute(let address, _):
            "See \"ip route get \(Self.plain(address))\" in the namespace: a single-hop peer needs "
                + "an address of ours in its subnet, any other a route."
        case .neighborSilent(let nextHop, let link, _):
            "Watch for its answer with \"tcpdump -ni \(link ?? "any") 'host "
                + "\(Self.plain(nextHop)) and (arp or icmp6)'\": requests without answers mean the "
                + "VLAN, the switch or the peer, not this node."
        case .filteredOutgoing:
            "Find the rule with \"nft list ruleset\" or \"iptables-save\" in the namespace, and "
                + "let UDP 3784, 3785 and 4784 out."
        case .sendRefused:
            "The kernel's text says what it misses; \"ip route get\" in the namespace shows its "
                + "decision."
        case .portShared(let holders):
            "Only one BFD daemon can serve a namespace: stop "
                + (holders.first.map { Self.name($0) } ?? "the other one")
                + ", or give it another namespace."
        case .filteredIncoming(let wire):
            wire.reversePathDrops > 0
                ? "Set rp_filter to 2 (loose) on that link, or repair the route back to the peer."
                : "Find the rule with \"nft list ruleset\" or \"iptables-save\" in the namespace, "
                    + "and let UDP 3784, 3785 and 4784 in."
        case .portUnreachable(let address, _, _):
            "Start BFD at \(address), or correct dest-addr."
        case .prohibited(_, let complaint):
            "Let UDP 3784 (4784 over several hops) pass at \(complaint.sender), both ways."
        case .unreachable(_, let complaint):
            "Ask \(complaint.sender) for its route and its neighbours towards the peer."
        case .hopLimitTooLow, .discriminatorStale, .authenticationType, .authenticationKey,
            .authenticationSequence, .authenticationDigest, .discarded:
            stepAfterDiscard
        case .disabledThere, .silenceAskedFor, .belowMillisecond, .slowerThanDetection, .oneWay,
            .rowUnreferenced, .silentOVN, .silent, .notReturned, .comingUp:
            stepAfterWord
        }
    }

    private var stepAfterDiscard: String {
        switch self {
        case .hopLimitTooLow(_, let discard): Self.step(discard.sample?.hopLimit)
        case .discriminatorStale(_, let isOVN, _):
            isOVN
                ? "Nothing: profile ovn matches such packets by address once they say Down."
                : "Clear the session at the peer. So that it does not come again, keep "
                    + "state-directory over restarts; for OVN, set profile: ovn."
        case .authenticationType(let ours, _):
            ours == nil
                ? "Set authentication for the peer here, or turn it off there."
                : "Turn authentication on at the peer with the same type, or take it out here."
        case .authenticationKey(let discard):
            "Add key id \(discard.sample?.keyID.map { "\($0)" } ?? "ID") here, or have the peer "
                + "use one of ours; look at send-lifetime and accept-lifetime, and at both clocks."
        case .authenticationSequence:
            "Wait for two detection times: then any number is believed again. If it stays, look "
                + "for a second sender with the peer's address."
        case .authenticationDigest:
            "Compare the secrets: an editor's final line break or other quotes are enough; format: "
                + "hex takes octets."
        case .discarded(let discard): Self.step(discard.reason)
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

    private static func step(_ hopLimit: UInt8?) -> String {
        switch hopLimit {
        case 254:
            "One router is in between, as at an OVN egress gateway: set minimum-ttl: 254 if that "
                + "is meant to be."
        case 255, nil: "See how the peer sets the TTL: single-hop BFD needs 255."
        case .some(let value):
            value < 65 || value > 128
                ? "\(255 - Int(value)) routers in between, or a sender that starts from another "
                    + "TTL: use multihop: true on both ends, or set minimum-ttl: \(value)."
                : "The sender does not start from 255: correct it there, or set minimum-ttl: "
                    + "\(value)."
        }
    }

    private static func step(_ reason: String) -> String {
        switch reason {
        case "source_mismatch":
            "Set dest-addr to the address that the peer sends from, or strict-source: false."
        case "no_session":
            "Compare dest-addr, source-addr and interface with what the packet shows: it came for "
                + "none of our sessions."
        case "wrong_interface", "source_not_in_subnet":
            "Compare the interface and its subnets with where the packet came from."
        default:
            "Compare with a capture: tcpdump -vni any udp port 3784. The counter's name says "
                + "which rule of RFC 5880 §6.8.6 the packet breaks."
        }
    }

    private var stepAfterWord: String {
        switch self {
        case .disabledThere(let address, _):
            "Ask the operator of \(address); nothing is to be done here."
        case .silenceAskedFor(let address):
            "Set the receive interval at \(address) to what it can take, such as 300 ms."
        case .belowMillisecond: "Set required-min-rx-interval to whole milliseconds, at least 1ms."
        case .slowerThanDetection:
            "Measure with \"gatewatch jitter\", then choose a longer interval or multiplier, or "
                + "real-time priority."
        case .oneWay(let address, _, _):
            "Look at \(address): does its session name our address, does its firewall let UDP 3784 "
                + "in, and what do its discard counters say (TTL, authentication, interface)?"
        case .rowUnreferenced(let row):
            "Attach the row for \(row.destination) to a route or policy (ovn-nbctl --bfd "
                + "lr-route-add …; in Kube-OVN enableBfd of the VPC, enableEcmp of its subnets): "
                + "OVN starts to send within a second."
        case .silentOVN:
            "See \"ovn-nbctl list BFD\", and give what it prints to: gatewatch doctor --ovn-bfd "
                + "FILE. Is the router port bound to a chassis?"
        case .silent(let address, let port, let isPassive, _):
            isPassive
                ? "Set role: active, unless \(address) is to speak first."
                : "Look at \(address): is BFD on for our address, on UDP \(port)? A capture there "
                    + "shows whether our packets arrive."
        case .notReturned(let address):
            "See that \(address) forwards (ip_forward=1) and has a route back by the same link, "
                + "and that over IPv4 our link takes our own packets back "
                + "(net.ipv4.conf.LINK.accept_local=1)."
        case .comingUp(let peer): "Look again: gatewatch status \(peer)"
        case .disabledHere, .waitingToStart, .pathReportedDown, .linkAbsent, .linkDown,
            .linkWithoutCarrier, .noKeyToSend, .sourceMissing, .noRoute, .neighborSilent,
            .filteredOutgoing,
            .sendRefused, .portShared, .filteredIncoming, .portUnreachable, .prohibited,
            .unreachable, .hopLimitTooLow, .discriminatorStale, .authenticationType,
            .authenticationKey, .authenticationSequence, .authenticationDigest, .discarded:
            ""
        }
    }

    /// An address without its interface.
    private static func plain(_ address: String) -> Substring {
        address.split(separator: "%").first ?? ""
    }

    private static func name(_ holder: PortHolder) -> String {
        holder.process.map { "\(holder.command) (kill \($0), or its service)" } ?? "it"
    }
}
