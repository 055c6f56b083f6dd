internal import BFDCore

extension Simulation {
    /// With nothing wrong for long enough: both ends Up and of one opinion, routes as the Up set.
    func checkRest() {
        for link in 0..<ends.count / 2 {
            for end in [link * 2, link * 2 + 1] {
                guard let complaint = disagreement(end) else { continue }
                checkers.report(.agreement, at: now, end, complaint)
            }
        }
        for node in nodes {
            guard let node, node.isRunning else { continue }
            report(node, node.routes.endGrace())
            let up = Set(node.ends.filter { state($0) == .up }.map { ends[$0].place })
            if node.routes.members != up {
                report(node, "members \(node.routes.members.sorted()), Up \(up.sorted())")
            }
            if node.routes.installed != up {
                report(node, "installed \(node.routes.installed.sorted()), Up \(up.sorted())")
            }
        }
    }

    /// What an end has otherwise than its own configuration and its peer's say.
    private func disagreement(_ end: Int) -> String? {
        guard ends[end].kind != .forwarder else { return nil }
        guard ends[end].script == nil else {
            return ends[end].script?.state == .up ? nil : "a scripted peer is not Up"
        }
        guard let session = session(end) else { return "no session" }
        guard session.state == .up else { return "\(session.state), not Up" }
        switch ends[end].kind {
        case .singleHop, .multihop, .unsolicited: break
        case .loop, .forwarder: return disagreement(ofLoop: session, end)
        }
        // A damaged packet counts for as long as nothing follows it, where silence was asked for.
        let isQuiet = ends[end].settings.demandMode || ends[end ^ 1].settings.demandMode
        if isQuiet && scenario.isCorrupting { return nil }
        // A doubling that is being taken back is told of by a Poll.
        let lastEased = max(ends[end].lastEased, ends[end ^ 1].lastEased)
        if lastEased.nanoseconds != .min, now < lastEased + .seconds(10) { return nil }
        let (own, peer) = (wishes(of: end), wishes(of: end ^ 1))
        let transmit = Microseconds.maximum(own.desiredMinTxInterval, peer.requiredMinRxInterval)
        let receive = Microseconds.maximum(own.requiredMinRxInterval, peer.desiredMinTxInterval)
        guard session.transmitInterval == transmit else {
            return "transmits at \(session.transmitInterval.count) µs, not \(transmit.count)"
        }
        guard session.receiveInterval == receive else {
            return "expects \(session.receiveInterval?.count ?? 0) µs, not \(receive.count)"
        }
        guard session.detectionTime == receive.nanoseconds * Int64(peer.detectMultiplier) else {
            return "a detection time of \(session.detectionTime?.count ?? 0) ns"
        }
        guard session.pollSequence == .idle else { return "a Poll is \(session.pollSequence)" }
        let remote = self.session(end ^ 1)?.localDiscriminator
        let expected = remote ?? ends[end ^ 1].script?.localDiscriminator
        guard session.remoteDiscriminator == expected else { return "a wrong discriminator" }
        return nil
    }

    /// An unaffiliated Echo session keeps to its own intervals.
    private func disagreement(ofLoop session: Session, _ end: Int) -> String? {
        let interval = ends[end].settings.desiredMinTxInterval
        if session.transmitInterval == interval { return nil }
        return "loops at \(session.transmitInterval.count) µs, not \(interval.count)"
    }

    /// What an end wants, with what Echo and congestion make of it.
    private func wishes(of end: Int) -> SessionSettings {
        var settings = ends[end].settings
        let peer = ends[end ^ 1].settings
        let level = ends[end].easedLevel
        settings.desiredMinTxInterval = SessionSettings.eased(settings.desiredMinTxInterval, level)
        settings.requiredMinRxInterval = SessionSettings.eased(
            settings.requiredMinRxInterval, level)
        if settings.echoTransmitInterval.count > 0 && peer.echoReceiveInterval.count > 0 {
            settings.requiredMinRxInterval = Microseconds.maximum(
                settings.requiredMinRxInterval, .second)
        }
        return settings
    }
}
