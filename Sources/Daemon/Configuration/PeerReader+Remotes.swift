internal import RouteCore

extension PeerReader {
    /// An unaffiliated Echo session and another one lead to different systems (RFC 9747 §4), unless
    /// interfaces keep them apart.
    func checkRemotes(_ candidates: [Candidate]) {
        guard candidates.contains(where: \.isUnaffiliatedEcho) else { return }
        var remotes: [HostAddress: [Candidate]] = [:]
        for candidate in candidates {
            guard let destination = candidate.destination else { continue }
            let others = remotes[destination.value, default: []]
            if let first = others.first(where: { $0.isTooClose(to: candidate) }) {
                problems.error(
                    destination.place,
                    "a second session with \(destination.value) (the first is "
                        + "\((first.destination?.place ?? first.place).reference)); a peer with "
                        + "unaffiliated-echo has no other")
            }
            remotes[destination.value] = others + [candidate]
        }
    }
}

extension PeerReader.Candidate {
    fileprivate var isUnaffiliatedEcho: Bool { session.isUnaffiliatedEcho?.value ?? false }

    /// Whether both lead to the same system, by paths that differ; the same path is told elsewhere.
    fileprivate func isTooClose(to other: PeerReader.Candidate) -> Bool {
        guard isUnaffiliatedEcho || other.isUnaffiliatedEcho else { return false }
        let (one, two) = (session.interface?.value, other.session.interface?.value)
        if let one, let two, one != two { return false }
        return one != two
            || session.sourceAddress?.value != other.session.sourceAddress?.value
            || (session.isMultihop?.value ?? false) != (other.session.isMultihop?.value ?? false)
    }
}
