internal import BFDCore
internal import ControlProtocol
internal import RouteCore

/// What some keys of a peer allow others to be.
struct PeerChecks {
    let problems: ProblemCollector
    let mapping: MappingReader
    let candidate: PeerReader.Candidate

    func check(_ destination: Placed<HostAddress>) {
        if let isMultihop = candidate.session.isMultihop, isMultihop.value {
            checkMultihop(isMultihop.place, destination)
        }
        checkEchoSource(destination.value)
        if let isLoop = candidate.session.isUnaffiliatedEcho, isLoop.value {
            checkUnaffiliatedEcho(isLoop.place)
        }
        if let profile = candidate.session.profile {
            switch profile.value {
            case .ovn: checkOVN()
            }
        }
    }

    /// RFC 5883 §3 and §4.1: no Echo, and a pair of addresses to know a session by.
    private func checkMultihop(_ place: Place, _ destination: Placed<HostAddress>) {
        let session = candidate.session
        if destination.value.isLinkLocal {
            problems.error(
                destination.place,
                "dest-addr \(destination.value) is link-local, so no router leads to it; remove "
                    + "multihop")
        }
        if session.sourceAddress == nil, !mapping.has("source-addr") {
            problems.error(
                place,
                "a multihop peer needs source-addr: its session is known by the pair of addresses")
        }
        for key in ["desired-min-echo-tx-interval", "required-min-echo-rx-interval"]
        where mapping.has(key) {
            problems.error(place, "multihop and \(key) exclude each other: Echo is for one hop")
        }
    }

    /// RFC 5881 §4: an address that provokes no redirects.
    private func checkEchoSource(_ destination: HostAddress) {
        guard let source = candidate.session.echoSourceAddress else { return }
        if source.value.isLinkLocal {
            problems.error(
                source.place,
                "echo-source-addr \(source.value) is link-local: it provokes redirects, and "
                    + "over IPv6 nothing comes back; give another address of ours")
        }
        guard mapping.has("echo-source-addr") else { return }
        if source.value.family != destination.family {
            problems.error(
                source.place,
                "dest-addr \(destination) and echo-source-addr \(source.value) are of different "
                    + "families; give two IPv4 or two IPv6 addresses")
        }
        if let isLoop = candidate.session.isUnaffiliatedEcho, isLoop.value {
            problems.error(
                source.place,
                "unaffiliated-echo and echo-source-addr exclude each other: source-addr may itself "
                    + "be an address on no link")
        }
    }

    /// RFC 9747 §2: we speak first, to an address of our own, and nothing is negotiated.
    private func checkUnaffiliatedEcho(_ place: Place) {
        let session = candidate.session
        if let source = session.sourceAddress {
            if source.value.isLinkLocal {
                problems.error(
                    source.place,
                    "source-addr \(source.value) is link-local, so the peer does not forward to "
                        + "it; give an unaffiliated-echo peer another address of ours")
            }
        } else if !mapping.has("source-addr") {
            problems.error(
                place,
                "an unaffiliated-echo peer needs source-addr: its packets are addressed to it")
        }
        for key in [
            "desired-min-echo-tx-interval", "required-min-echo-rx-interval", "minimum-ttl",
            "remote-discriminator", "profile",
        ] where mapping.has(key) {
            problems.error(
                place, "unaffiliated-echo and \(key) exclude each other: the peer has no BFD")
        }
        if let isMultihop = session.isMultihop, isMultihop.value {
            problems.error(
                isMultihop.place,
                "unaffiliated-echo and multihop exclude each other: Echo is for one hop")
        }
        if let role = session.role, role.value == .passive {
            problems.error(
                role.place,
                "unaffiliated-echo and role passive exclude each other: nobody else speaks")
        }
        if let demand = session.isDemandEnabled, demand.value {
            problems.error(
                demand.place,
                "unaffiliated-echo and demand-enabled exclude each other: the peer has no BFD")
        }
    }

    /// What ovn-controller does not understand.
    private func checkOVN() {
        let session = candidate.session
        for (key, interval) in [
            ("desired-min-tx-interval", session.desiredMinTxInterval),
            ("required-min-rx-interval", session.requiredMinRxInterval),
        ] {
            guard let interval, !interval.value.count.isMultiple(of: 1_000) else { continue }
            problems.error(
                interval.place,
                "\(key) \(DurationReader.text(Int64(interval.value.count))) does not suit OVN, "
                    + "which counts in milliseconds (allowed: whole milliseconds from 1ms)")
        }
        if let isMultihop = session.isMultihop, isMultihop.value {
            problems.error(
                isMultihop.place,
                "profile ovn and multihop exclude each other: OVN has one hop")
        }
        if let demand = session.isDemandEnabled, demand.value {
            problems.error(
                demand.place, "profile ovn and demand-enabled exclude each other: OVN has none")
        }
        // What `defaults` say holds here too.
        if mapping.has("authentication") || session.authentication != nil {
            problems.error(
                candidate.place, "profile ovn and authentication exclude each other: OVN has none")
        }
    }
}
