internal import BFDCore
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
        let given = ["authentication", "demand-enabled"].filter { mapping.has($0) }
        // What `defaults` say holds here too.
        let isInherited = given.isEmpty && session.authentication != nil
        for key in isInherited ? ["authentication"] : given {
            problems.error(
                candidate.place,
                "profile ovn and \(key) exclude each other: OVN has none")
        }
    }
}
