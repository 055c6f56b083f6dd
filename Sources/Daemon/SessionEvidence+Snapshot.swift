internal import BFDAuthentication
internal import BFDCore
internal import BFDDriver
internal import ControlProtocol
internal import Gatewatch
internal import LinuxSystem
internal import NodeCore
internal import RouteCore

/// What there is to judge a session by, besides itself.
struct PathView {
    var now: SessionsSnapshot
    var before: SessionsSnapshot
    var report: PathReport
    var sight: PathSight?
    var last: LastCause?
    var rows: [OVNBFDRow]
}

extension SessionEvidence {
    init(_ peer: PeerSnapshot, before: PeerSnapshot?, _ view: PathView) {
        let session = peer.snapshot.session
        let configured = session.configuration
        let address = "\(HostAddress(configured.path.destination))"
        self.init(
            name: peer.configuration.name,
            address: peer.configuration.interface.map { "\(address)%\($0)" } ?? address,
            state: State(session.state))
        port = configured.path.transport.destinationPort
        kind = Kind(configured.path.transport)
        isPassive = configured.role == .passive
        isOVN = configured.acceptsStaleDiscriminator
        secondsInState = (view.now.now - session.lastStateChange).count / 1_000_000_000
        let waiting = (session.created + configured.startDelay - view.now.now).count
        if waiting > 0 { secondsToStart = (waiting + 999_999_999) / 1_000_000_000 }
        isPathDown = session.isPathDown
        minimumTTL = configured.minimumTTL
        localDiscriminator = session.localDiscriminator
        authentication = peer.configuration.keyChain.map {
            AuthenticationTypeName($0.type).rawValue
        }
        hasKeyToSend = peer.configuration.keyChain?.rules.canSend(at: view.now.now) ?? true
        intervals.desiredMinTx = configured.desiredMinTxInterval.count
        intervals.requiredMinRx = configured.requiredMinRxInterval.count
        intervals.multiplier = configured.detectMultiplier
        if let last = view.last {
            intervals.worstLateness = Int64(last.ownLatenessMicroseconds) * 1_000
            hasSaidGoodbye = last.cause == .peerAdminDown
        }
        if session.isDetecting { heard = PeerWord(session) }
        hasFallenSilent = !session.isDetecting && session.counters.received > 0
        sendFailure = peer.snapshot.sendFailure.map { SendFailure($0) }
        if let sight = view.sight { path = PathEvidence(sight) }
        discards = view.discards(session)
        wire = view.wire(session, before?.snapshot.session)
        let otherPorts = view.report.otherReceivers.filter { $0.port == port }
        otherReceivers = otherPorts.map { PortHolder($0) }
        let own =
            configured.path.source.isUnspecified
            ? view.sight?.ownAddress : HostAddress(configured.path.source)
        ovnRow = view.rows.first { HostAddress($0.destination) == own && own != nil }
    }
}

extension PathView {
    /// What of the peer has been discarded within the last ten seconds.
    func discards(_ session: Session) -> [DiscardEvidence] {
        let recent = now.now - .seconds(10)
        return now.samples.compactMap { sample in
            guard let kind = DiscardEvidence.Kind(sample.reason), sample.concerns(session),
                !(sample.arrival.receivedAt < recent)
            else { return nil }
            let name = "\(sample.reason.name)"
            return DiscardEvidence(
                reason: name, meaning: DiscardName(rawValue: name)?.meaning ?? name, kind: kind,
                count: UInt64(sample.count), sample: PacketSample(sample, self))
        }
    }

    /// What was seen on the wire, and how much of it has come to the session or been discarded.
    func wire(_ session: Session, _ earlier: Session?) -> WireEvidence? {
        guard let milliseconds = report.watchedMilliseconds, let earlier, let sight,
            sight.isWatched
        else {
            return nil
        }
        let received = session.counters.received &- earlier.counters.received
        let invalid = session.counters.receivedInvalid &- earlier.counters.receivedInvalid
        let strays = strayCount(now, session) - strayCount(before, session)
        var wire = WireEvidence(
            milliseconds: milliseconds, arrived: sight.arrived,
            delivered: Int(clamping: received) + Int(clamping: invalid) + max(strays, 0))
        wire.reversePathDrops = report.reversePathDrops
        if case .complaint(let sender, let destination, _, let type, let code) = sight.complaint {
            wire.complaint = WireEvidence.Complaint(
                sender: HostAddress(sender), isIPv6: destination.isIPv6, type: type,
                code: code)
        }
        return wire
    }

    private func strayCount(_ snapshot: SessionsSnapshot, _ session: Session) -> Int {
        snapshot.samples.reduce(0) { $0 + ($1.concerns(session) ? Int($1.count) : 0) }
    }
}

extension DiscardSample {
    /// Whether it came from the session's peer, or was meant for the session.
    func concerns(_ session: Session) -> Bool {
        arrival.source == session.configuration.path.destination
            || number(at: 8) == session.localDiscriminator
    }
}

extension SessionEvidence.State {
    init(_ state: SessionState) {
        switch state {
        case .adminDown: self = .disabled
        case .down: self = .down
        case .initializing: self = .initializing
        case .up: self = .up
        }
    }
}

extension SessionEvidence.Kind {
    init(_ transport: Transport) {
        switch transport {
        case .singleHop, .microBFD: self = .singleHop
        case .multihop: self = .multihop
        case .unaffiliatedEcho: self = .unaffiliatedEcho
        }
    }
}

extension PeerWord {
    init(_ session: Session) {
        let state: State =
            switch session.remoteState {
            case .adminDown: .adminDown
            case .down: .down
            case .initializing: .initializing
            case .up: .up
            }
        self.init(
            state: state,
            diagnostic: DiagnosticName(wireValue: session.remoteDiagnostic.rawValue).description,
            desiredMinTx: session.remoteDesiredMinTxInterval.count,
            requiredMinRx: session.remoteMinRxInterval.count,
            multiplier: session.remoteDetectMultiplier)
    }
}

extension SendFailure {
    /// A refusal by the text that the engine thread has kept.
    init(_ text: String) {
        let isFiltered = text == "send: \(Errno.operationNotPermitted)"
        self.init(isFiltered ? .filtered : .other, text: text)
    }
}
