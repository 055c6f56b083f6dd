internal import BFDCore
internal import RouteCore

extension PeerReader.Candidate {
    /// The peer, when nothing that it needs is missing.
    var peer: DaemonConfiguration.Peer? {
        guard let destination, !name.isEmpty else { return nil }
        var peer = DaemonConfiguration.Peer(name: name, destinationAddress: destination.value)
        peer.sourceAddress = session.sourceAddress?.value
        peer.interface = session.interface?.value
        if session.isMultihop?.value == true { peer.becomeMultihop() }
        peer.remoteDiscriminator = remoteDiscriminator?.value ?? 0
        peer.pduSize = session.pduSize?.value ?? 0
        peer.profile = session.profile?.value
        peer.isUnaffiliatedEcho = session.isUnaffiliatedEcho?.value ?? false
        if !peer.isMultihop, !peer.isUnaffiliatedEcho { takeEcho(to: &peer) }
        if let given = session.desiredMinTxInterval { peer.desiredMinTxInterval = given.value }
        if let given = session.requiredMinRxInterval { peer.requiredMinRxInterval = given.value }
        if let given = session.localMultiplier { peer.localMultiplier = given.value }
        if let given = session.role { peer.role = given.value }
        if let given = session.minimumTTL { peer.minimumTTL = given.value }
        if let given = session.isSourceStrict { peer.isSourceStrict = given.value }
        peer.authentication = session.authentication?.value.authentication
        if let given = session.isDemandEnabled { peer.isDemandEnabled = given.value }
        if let given = session.dscp { peer.dscp = given.value }
        if let given = session.isCongestionControlled {
            peer.isCongestionControlled = given.value
        }
        if let given = session.failureHoldTime { peer.failureHoldTime = given.value }
        if let given = session.startDelay { peer.startDelay = given.value }
        return peer
    }

    /// Echo is for one hop and for peers with BFD: what `defaults` says of it leaves others alone.
    private func takeEcho(to peer: inout DaemonConfiguration.Peer) {
        if let given = session.desiredMinEchoTxInterval {
            peer.desiredMinEchoTxInterval = given.value
        }
        if let given = session.requiredMinEchoRxInterval {
            peer.requiredMinEchoRxInterval = given.value
        }
        // What `defaults` say is for peers of its family.
        if let given = session.echoSourceAddress?.value,
            given.family == peer.destinationAddress.family
        {
            peer.echoSourceAddress = given
        }
    }

    /// Warns of what works, but perhaps not as wanted.
    func warn(_ problems: ProblemCollector) {
        guard let peer else { return }
        let detectionTime = peer.expectedDetectionTimeMicroseconds
        if detectionTime < 30_000 {
            let slowest =
                peer.desiredMinTxInterval >= peer.requiredMinRxInterval
                ? session.desiredMinTxInterval : session.requiredMinRxInterval
            problems.warning(
                (slowest ?? session.desiredMinTxInterval ?? session.requiredMinRxInterval)?.place
                    ?? place,
                "the detection time \(peer.detectionSum) is under 30 ms: a busy node can take a "
                    + "living peer for dead")
        }
        if let multiplier = session.localMultiplier, multiplier.value == 1 {
            problems.warning(
                multiplier.place,
                "with local-multiplier 1 a single lost packet takes the session "
                    + "down at the peer")
        }
        if let demand = session.isDemandEnabled, demand.value {
            problems.warning(
                demand.place,
                "with demand-enabled a dead peer is noticed only when something is changed "
                    + "or verified")
        }
        warnOfRedirects(peer, problems)
        if peer.isMultihop {
            warnOfHops(problems)
        } else if let minimumTTL = session.minimumTTL, minimumTTL.value < 255 {
            problems.warning(
                minimumTTL.place,
                "minimum-ttl \(minimumTTL.value) accepts packets from other "
                    + "networks: only 255 proves that no router was in between")
        }
    }

    /// An Echo that comes from the link it goes back to makes a router tell of a shorter way
    /// (RFC 5881 §4).
    private func warnOfRedirects(_ peer: DaemonConfiguration.Peer, _ problems: ProblemCollector) {
        guard peer.desiredMinEchoTxInterval.count > 0, peer.echoSourceAddress == nil else { return }
        problems.warning(
            session.desiredMinEchoTxInterval?.place ?? place,
            "Echo packets from an address on the link provoke redirects; see that peers send none, "
                + "or give echo-source-addr, an address of ours on no link of theirs")
    }

    /// What several hops need to be safe (RFC 5883 §5 and §6).
    private func warnOfHops(_ problems: ProblemCollector) {
        let place = session.isMultihop?.place ?? place
        if session.minimumTTL == nil {
            problems.warning(
                place,
                "multihop without minimum-ttl accepts packets from anywhere; set it to 255 less "
                    + "the number of routers in between")
        }
        if !isAuthenticated {
            problems.warning(
                place,
                "multihop without authentication: who guesses the discriminators can take the "
                    + "session down")
        }
    }
}
