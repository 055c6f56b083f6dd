internal import BFDCore

extension Simulation {
    /// Puts a flight into its node's receive buffer, or to nobody.
    func land(_ flight: Flight) {
        let end = flight.end
        switch flight.way {
        case .direct: break
        case .looped: return reflect(flight)
        case .returning:
            let node = nodes[ends[end].node]
            let isThere = ends[end].interfaceIndex != 0 && node?.isRunning == true
            if isThere, node?.accept(flight, at: now) == true { return }
            observe(end, .echoLost(sentAt: flight.sentAt))
            return
        }
        if let script = ends[end].script {
            guard ends[end].isPresent, let packet = flight.datagram.packet else {
                observe(end, .lost(sentAt: flight.sentAt))
                return
            }
            let isKnown = packet.yourDiscriminator == script.localDiscriminator
            observe(end, .received(Receipt(flight, packet, isAccepted: isKnown)))
            carryOut(script.receive(packet, at: now), end)
            return
        }
        guard let node = nodes[ends[end].node], node.isRunning, ends[end].interfaceIndex != 0,
            node.accept(flight, at: now)
        else {
            observe(end, .lost(sentAt: flight.sentAt))
            return
        }
    }

    /// A process reads what arrived, and then does what is due.
    func wake(_ node: EngineNode) {
        if node.stoppedUntil != nil {
            node.resume()
            for end in node.ends { observe(end, .resumed) }
        }
        let heardUntil = node.judge(at: now)
        while let flight = node.read(until: heardUntil) { deliver(flight, to: node) }
        _ = node.engine.handleTimeout(at: now, heardUntil: heardUntil)
        fetch(from: node)
        node.arm(at: now)
    }

    /// Carries out what a script does.
    func carryOut(_ acts: [PeerAct], _ end: Int) {
        for act in acts {
            switch act {
            case .send(let packet): send(packet, from: end)
            case .change(let old, let new, let cause):
                observe(end, .changed(from: old, to: new, cause))
            }
        }
    }

    private func deliver(_ flight: Flight, to node: EngineNode) {
        let end = flight.end
        let arrival = Arrival(
            source: flight.way == .returning ? ends[end].address : ends[end].peerAddress,
            destination: ends[end].address,
            interfaceIndex: ends[end].interfaceIndex, hopLimit: flight.hopLimit,
            transport: transport(of: end), receivedAt: flight.arrival)
        if flight.way == .returning { return deliverLooped(flight, arrival, to: node) }
        let datagram = flight.datagram
        let whole = datagram.bytes.span
        var reception = node.engine.receive(
            whole.extracting(first: datagram.count), arrival, at: now)
        if case .needsDigest(let challenge) = reception {
            let secret = Self.secret(ofKey: challenge.header.keyID, end)
            reception = node.engine.finish(
                challenge, digestMatches: datagram.isSigned(with: secret), at: now)
        }
        checkAuthentication(reception, flight)
        checkHopLimit(flight, reception)
        checkAsking(flight, reception)
        if case .accepted(let handle) = reception, ends[end].kind == .unsolicited {
            adopt(handle, at: node)
        }
        guard let packet = datagram.packet else {
            observe(end, .lost(sentAt: flight.sentAt))
            return
        }
        if let receiver = receiver(of: packet, end, reception, node) {
            observe(receiver, .received(Receipt(flight, packet, isAccepted: true)))
        } else {
            observe(end, .received(Receipt(flight, packet, isAccepted: false)))
        }
        fetch(from: node)
    }

    /// What was sent to be looped is back.
    private func deliverLooped(_ flight: Flight, _ arrival: Arrival, to node: EngineNode) {
        let end = flight.end
        let whole = flight.datagram.bytes.span
        let reception = node.engine.receiveEcho(
            whole.extracting(first: flight.datagram.count), arrival, at: now)
        checkHopLimit(flight, reception)
        switch reception {
        case .accepted(let handle):
            let receiver = node.endOfSlot[handle.index]
            if let packet = flight.datagram.packet, ends[receiver].kind == .loop {
                observe(receiver, .received(Receipt(flight, packet, isAccepted: true)))
            } else {
                observe(receiver, .echoReturned(receivedAt: flight.arrival))
                if flight.isForged {
                    checkers.report(.echo, at: now, end, "a damaged Echo packet counted")
                }
            }
        case .discarded, .needsDigest:
            observe(end, .echoLost(sentAt: flight.sentAt))
        }
        fetch(from: node)
    }

    /// The end whose session took a packet, which for a damaged one may be a surprise.
    private func receiver(
        of packet: ControlPacket, _ end: Int, _ reception: Reception, _ node: EngineNode
    ) -> Int? {
        switch reception {
        case .accepted(let handle): return node.endOfSlot[handle.index]
        case .discarded(.localAdminDown): return end
        case .discarded, .needsDigest: return nil
        }
    }

    /// Does what the engine wants done.
    func fetch(from node: EngineNode) {
        while let output = node.engine.poll() {
            switch output {
            case .transmit(let transmission):
                let end = node.endOfSlot[transmission.session.index]
                noteEasing(end)
                send(transmission.packet, transmission.authentication, from: end)
            case .stateChanged(let change): follow(change, at: node)
            case .transmitEcho(let echo):
                sendEcho(echo.payload, from: node.endOfSlot[echo.session.index])
            case .created(let handle): adopt(handle, at: node)
            case .removed(let handle):
                let end = node.endOfSlot[handle.index]
                guard end >= 0, ends[end].handle == handle else { continue }
                if ends[end].kind == .unsolicited { checkers.noteRemoval(end, at: now) }
                ends[end].handle = nil
                observe(end, .ended)
            }
        }
        for end in node.ends { noteEasing(end) }
    }

    private func follow(_ change: StateChange, at node: EngineNode) {
        let end = node.endOfSlot[change.session.index]
        observe(end, .changed(from: change.from, to: change.to, change.cause))
        checkDiagnostic(of: change, end)
        guard ends[end].handle == change.session else { return }
        report(node, node.routes.follow(change, ends[end].place))
    }

    /// The diagnostic that belongs to a failure (RFC 5880 §6.8.4 and §6.8.5).
    private func checkDiagnostic(of change: StateChange, _ end: Int) {
        let expected: Diagnostic
        switch change.cause {
        case .echoFailed: expected = .echoFunctionFailed
        case .detectionTimeExpired: expected = .controlDetectionTimeExpired
        case .peerDown: expected = .neighborSignaledSessionDown
        case .handshake, .peerAdminDown, .administrativelyDisabled, .administrativelyEnabled,
            .pathDown, .pathRestored, .forwardingPlaneReset, .notUpInTime, .takenOver:
            return
        }
        if change.localDiagnostic == expected { return }
        checkers.report(
            .detection, at: now, end, "\(change.cause) with diagnostic \(change.localDiagnostic)")
    }

    /// Tells of a route that was not what it should be.
    func report(_ node: EngineNode, _ complaint: String?) {
        guard let complaint else { return }
        checkers.report(.routes, at: now, node.index, complaint)
    }
}

extension Receipt {
    fileprivate init(_ flight: Flight, _ packet: ControlPacket, isAccepted: Bool) {
        self.init(
            packet: packet, sentAt: flight.sentAt, receivedAt: flight.arrival,
            isAccepted: isAccepted, isForged: flight.isForged)
    }
}
