internal import BFDAuthentication
internal import BFDCore
internal import BFDDriver
internal import ControlProtocol
internal import Gatewatch
internal import LinuxSystem
internal import RouteCore

extension SessionStatus {
    init(_ peer: PeerSnapshot, _ daemon: Daemon, routes: [String]) {
        let session = peer.snapshot.session
        let configured = session.configuration
        self.init(
            name: peer.configuration.name,
            destinationAddress: "\(HostAddress(configured.path.destination))",
            sourceAddress: configured.path.source.isUnspecified
                ? nil : "\(HostAddress(configured.path.source))",
            interface: peer.configuration.interface,
            role: configured.role == .active ? .active : .passive,
            localDiscriminator: session.localDiscriminator,
            remoteDiscriminator: session.remoteDiscriminator,
            remoteMultiplier: session.remoteDetectMultiplier,
            sourcePort: peer.snapshot.sourcePort ?? 0,
            destinationPort: configured.path.transport.destinationPort,
            localMultiplier: configured.detectMultiplier,
            desiredMinTxInterval: configured.desiredMinTxInterval,
            requiredMinRxInterval: configured.requiredMinRxInterval,
            isDemandEnabled: configured.demandMode, congestionLevel: session.congestionLevel,
            isAdministrativelyDown: configured.isAdministrativelyDown,
            running: SessionRunning(session),
            statistics: SessionStatistics(session, daemon),
            discards: session.counters.discards.byName,
            lastCause: Self.cause(peer, daemon), warnings: Self.warnings(peer), routes: routes)
        authentication = peer.configuration.keyChain.map { keyChain in
            AuthenticationStatus(type: .init(keyChain.type), keyIDs: keyChain.keyIDs)
        }
        // What is heard at all is heard because it is authentic.
        if let type = peer.snapshot.authenticationType, session.remoteDiscriminator != 0 {
            running.isRemoteAuthenticated = true
            running.remoteAuthenticationType = .init(type)
        }
        switch configured.path.transport {
        case .multihop:
            pathType = .multihop
            transmitTTL = 255
            receiveTTL = configured.minimumTTL
        case .singleHop, .microBFD: pathType = .singleHop
        case .unaffiliatedEcho:
            pathType = .singleHop
            isUnaffiliatedEcho = true
        }
        desiredMinEchoTxInterval = configured.desiredMinEchoTxInterval.ifAny
        requiredMinEchoRxInterval = configured.requiredMinEchoRxInterval.ifAny
        pduSize = configured.pduSize == 0 ? nil : configured.pduSize
    }

    /// RFC 5880 §9 wants authentication where anybody can reach us.
    private static func warnings(_ peer: PeerSnapshot) -> [String] {
        let isMultihop = peer.configuration.session.path.transport == .multihop
        guard isMultihop, peer.configuration.keyChain == nil else { return [] }
        return ["several hops without authentication: anybody may try to end the session"]
    }

    /// Why the session is as it is: what the kernel refuses first, then the last change.
    private static func cause(_ peer: PeerSnapshot, _ daemon: Daemon) -> String? {
        let last = daemon.lastCauses[peer.configuration.name]?.description
        guard peer.snapshot.session.state != .up else { return last }
        let now = Instant(nanoseconds: Clock.monotonicNanoseconds())
        if peer.configuration.keyChain?.rules.canSend(at: now) == false {
            return "nothing is sent: the send-lifetime of none of its keys is now"
        }
        if let failure = peer.snapshot.sendFailure { return "packets cannot be sent: \(failure)" }
        return last ?? "nothing valid heard from the peer since the start"
    }
}

extension SessionRunning {
    init(_ session: Session) {
        self.init(
            localState: SessionStateName(session.state),
            remoteState: SessionStateName(session.remoteState),
            localDiagnostic: DiagnosticName(wireValue: session.localDiagnostic.rawValue),
            remoteDiagnostic: DiagnosticName(wireValue: session.remoteDiagnostic.rawValue),
            detectionMode: DetectionMode(session),
            negotiatedTxInterval: session.transmitInterval,
            negotiatedRxInterval: session.receiveInterval ?? session.requiredMinRxInterval,
            detectionTimeMicroseconds: UInt64(session.effectiveDetectionTime.count / 1_000))
        echoTxIntervalInUse = session.echoTransmitInterval.ifAny
    }
}

extension Session {
    /// How long silence may last: in Demand mode, after a Poll.
    var effectiveDetectionTime: Nanoseconds {
        isInDemandMode ? demandDetectionTime : detectionTime ?? .zero
    }
}

extension DetectionMode {
    init(_ session: Session) {
        if session.isInDemandMode {
            self = session.isEchoActive ? .demandWithEcho : .demandWithoutEcho
        } else {
            self = session.isEchoActive ? .asynchronousWithEcho : .asynchronousWithoutEcho
        }
    }
}

extension Microseconds {
    /// The interval; `nil` for zero.
    var ifAny: Microseconds? { count == 0 ? nil : self }
}

extension SessionStatistics {
    init(_ session: Session, _ daemon: Daemon) {
        let counters = session.counters
        self.init(
            createTime: daemon.wallClock(session.created),
            lastDownTime: counters.lastDown.map { daemon.wallClock($0) },
            lastUpTime: counters.lastUp.map { daemon.wallClock($0) },
            downCount: UInt64(counters.downs),
            administrativelyDownCount: UInt64(counters.adminDowns),
            receivedPacketCount: counters.received, sentPacketCount: counters.sent,
            invalidPacketCount: counters.receivedInvalid, failedPacketCount: counters.sendFailed)
    }
}

extension HostAddress {
    /// The same address for people.
    init(_ address: IPAddress) {
        if address.isIPv6 {
            self.init(ipv6: UInt128(address.high) << 64 | UInt128(address.low))
        } else {
            self.init(ipv4: UInt32(truncatingIfNeeded: address.high >> 32))
        }
    }
}
