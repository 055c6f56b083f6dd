internal import BFDCore

// What is special about links that are not of the usual kind.

extension Simulation {
    /// Whether an operator makes the session of an end.
    func isConfigured(_ end: Int) -> Bool {
        switch ends[end].kind {
        case .singleHop, .multihop, .loop: true
        case .forwarder, .unsolicited: false
        }
    }

    func transport(of end: Int) -> Transport {
        switch ends[end].kind {
        case .singleHop, .unsolicited: .singleHop
        case .multihop: .multihop
        case .loop, .forwarder: .unaffiliatedEcho
        }
    }

    /// Lets those peers start sessions that the scenario has do so.
    func addTemplates(_ node: EngineNode) {
        for end in node.ends where ends[end].kind == .unsolicited {
            let settings = ends[end].settings
            let template = UnsolicitedTemplate(
                prefix: AddressPrefix(address: ends[end].peerAddress, bitCount: 32),
                desiredMinTxInterval: settings.desiredMinTxInterval,
                requiredMinRxInterval: settings.requiredMinRxInterval,
                detectMultiplier: settings.detectMultiplier, maximumSessionCount: 1)
            do throws(EngineError) {
                try node.engine.addTemplate(template)
            } catch {
                checkers.report(.unsolicited, at: now, end, "a template was refused: \(error)")
            }
        }
    }

    /// A peer has started a session: whose it is, and what to know of it.
    func adopt(_ handle: SessionHandle, at node: EngineNode) {
        guard let session = node.engine.session(handle) else { return }
        let source = session.configuration.path.destination
        guard
            let end = node.ends.first(where: {
                ends[$0].kind == .unsolicited && ends[$0].peerAddress == source
            })
        else {
            checkers.report(.unsolicited, at: now, node.index, "a session for a stranger")
            return
        }
        if ends[end].handle == handle { return }
        if ends[end].handle != nil {
            checkers.report(.unsolicited, at: now, end, "a second session for one peer")
        }
        ends[end].handle = handle
        ends[end].discriminator = session.localDiscriminator
        node.endOfSlot[handle.index] = end
        observe(
            end,
            .began(
                Beginning(
                    settings: ends[end].settings, localDiscriminator: session.localDiscriminator,
                    node: node.index, tick: node.latency, isUnsolicited: true)))
        report(node, node.routes.begin(ends[end].place))
    }

    /// A peer that asks for a session as it should gets one.
    func checkAsking(_ flight: Flight, _ reception: Reception) {
        guard ends[flight.end].kind == .unsolicited, !flight.isForged,
            ends[flight.end].handle == nil, let packet = flight.datagram.packet
        else { return }
        let asks = packet.yourDiscriminator == 0 && packet.state != .up
        switch reception {
        case .accepted:
            if asks && flight.hopLimit == 255 { return }
            checkers.report(.unsolicited, at: now, flight.end, "a session nobody asked for")
        case .discarded, .needsDigest:
            guard asks && flight.hopLimit == 255 else { return }
            checkers.report(.unsolicited, at: now, flight.end, "a peer that asked got nothing")
        }
    }

    /// What came from too far away does not count, and what came from near enough does.
    func checkHopLimit(_ flight: Flight, _ reception: Reception) {
        let end = flight.end
        let least = flight.way == .returning ? 254 : ends[end].minimumTTL
        let isNear = flight.hopLimit >= least
        switch reception {
        case .accepted, .needsDigest, .discarded(.localAdminDown):
            if isNear || flight.isForged { return }
            checkers.report(
                .hopLimit, at: now, end, "a packet with a TTL of \(flight.hopLimit) counted")
        case .discarded(.ttlBelowMinimum), .discarded(.ttlNot255), .discarded(.ttlNot254):
            if !isNear || flight.isForged { return }
            checkers.report(
                .hopLimit, at: now, end, "a packet with a TTL of \(flight.hopLimit) was refused")
        case .discarded: break
        }
    }

    /// Somebody has the session ask its peer.
    func verify(_ end: Int) {
        act(on: end) { (engine, handle, now) throws(EngineError) in
            try engine.verify(handle, at: now)
        }
    }

    /// Sends an Echo packet of an end.
    func sendEcho(_ payload: EchoPayload, from end: Int) {
        sentCount += 1
        observe(end, .echoSent)
        if !network.send(Datagram(payload), .looped, from: end, at: now) {
            observe(end, .echoLost(sentAt: now))
        }
    }

    /// A peer's forwarding sends back what is not for it, whatever its processes do.
    func reflect(_ flight: Flight) {
        let isThere = ends[flight.end].interfaceIndex != 0
        if isThere && network.reflect(flight, at: now) { return }
        observe(flight.end ^ 1, .echoLost(sentAt: flight.sentAt))
    }

    /// Tells when congestion has lengthened or shortened the intervals of an end.
    func noteEasing(_ end: Int) {
        guard end >= 0, let session = session(end) else { return }
        guard session.congestionLevel != ends[end].easedLevel else { return }
        ends[end].easedLevel = session.congestionLevel
        ends[end].lastEased = now
        observe(end, .eased(level: session.congestionLevel))
    }

    /// A new session begins with the intervals that were configured.
    func forgetEasing(_ end: Int) {
        ends[end].easedLevel = 0
    }
}
