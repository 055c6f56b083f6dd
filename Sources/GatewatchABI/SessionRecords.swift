internal import BFDCore
public import CGatewatch

extension gatewatch_session_config: Record {
    /// What a session is like unless told otherwise: the core's own defaults.
    static var defaults: gatewatch_session_config {
        var config = unsafe gatewatch_session_config()
        let session = SessionConfiguration(path: Path(destination: IPAddress(ipv4: 0)))
        unsafe config.size = UInt32(MemoryLayout<gatewatch_session_config>.size)
        unsafe config.detect_multiplier = session.detectMultiplier
        unsafe config.traffic_class = 0xc0
        unsafe config.desired_min_tx_us = session.desiredMinTxInterval.count
        unsafe config.required_min_rx_us = session.requiredMinRxInterval.count
        return unsafe config
    }
}

/// What a caller wants of a session, its structure having been copied.
struct SessionRequest {
    let session: SessionConfiguration
    /// The name of the interface; `nil` for none.
    let interface: String?
    let tag: UInt64
    let trafficClass: UInt8
    let keys: KeyRequest?
    let echoSource: IPAddress?
    let followsLink: Bool
    let holdTime: Nanoseconds

    /// Reads a caller's structure; the interface is known by its index only if `isPure`.
    init(
        _ source: UnsafePointer<gatewatch_session_config>?, isPure: Bool
    ) throws(Failure) {
        var config = unsafe gatewatch_session_config.defaults
        guard unsafe config.read(source) else { throw .argument }
        session = try unsafe SessionConfiguration(config, isPure: isPure)
        tag = unsafe config.tag
        trafficClass = unsafe config.traffic_class
        interface = isPure ? nil : try unsafe interfaceName(config.interface_name)
        keys = try unsafe KeyRequest.optional(config.keys)
        let echoSource = unsafe config.echo_source
        self.echoSource = echoSource.address
        followsLink = unsafe config.follows_link != 0 && interface != nil
        holdTime = try Nanoseconds(span: unsafe config.hold_time_ns)
    }
}

extension SessionConfiguration {
    fileprivate init(_ config: gatewatch_session_config, isPure: Bool) throws(Failure) {
        let minimumTTL = unsafe config.minimum_ttl
        self.init(
            path: try unsafe Path(config, isPure: isPure),
            role: unsafe config.passive == 0 ? .active : .passive,
            desiredMinTxInterval: Microseconds(unsafe config.desired_min_tx_us),
            requiredMinRxInterval: Microseconds(unsafe config.required_min_rx_us),
            detectMultiplier: unsafe config.detect_multiplier,
            minimumTTL: minimumTTL == 0 ? nil : minimumTTL,
            strictSource: try choice(unsafe config.strict_source),
            controlPlaneIndependent: unsafe config.control_plane_independent != 0,
            demandMode: unsafe config.demand != 0,
            adaptsToCongestion: try choice(unsafe config.adapts_to_congestion),
            startDelay: try Nanoseconds(span: unsafe config.start_delay_ns),
            isAdministrativelyDown: unsafe config.admin_down != 0,
            localDiscriminator: unsafe config.local_discriminator)
        desiredMinEchoTxInterval = Microseconds(unsafe config.desired_min_echo_tx_us)
        requiredMinEchoRxInterval = Microseconds(unsafe config.required_min_echo_rx_us)
        remoteDiscriminator = unsafe config.remote_discriminator
        acceptsStaleDiscriminator = unsafe config.accepts_stale_discriminator != 0
        pduSize = isPure ? 0 : unsafe config.pdu_size
        if isPure {
            guard desiredMinEchoTxInterval.count == 0, path.transport != .unaffiliatedEcho else {
                throw .argument
            }
        }
        do throws(EngineError) {
            try validate()
        } catch {
            throw Failure(error)
        }
    }
}

/// Whether something is to be; `nil` for what is usual.
private func choice(_ number: UInt8) throws(Failure) -> Bool? {
    switch Int(number) {
    case GATEWATCH_USUAL: nil
    case GATEWATCH_YES: true
    case GATEWATCH_NO: false
    default: throw .argument
    }
}

extension Nanoseconds {
    /// A span of a caller's: not negative, and not so long that no moment is at its end.
    fileprivate init(span: Int64) throws(Failure) {
        guard (0...1_000_000_000_000_000_000).contains(span) else { throw .argument }
        self.init(span)
    }
}

/// The name of an interface, whose pointer may be NULL for none.
func interfaceName(_ name: UnsafePointer<CChar>?) throws(Failure) -> String? {
    guard let name = unsafe name else { return nil }
    let text = unsafe String(cString: name)
    guard !text.isEmpty, text.utf8.count < 16 else { throw .argument }
    return text
}

extension Transport {
    init(number: UInt8) throws(Failure) {
        switch Int(number) {
        case GATEWATCH_SINGLE_HOP: self = .singleHop
        case GATEWATCH_MULTIHOP: self = .multihop
        case GATEWATCH_MICRO_BFD: self = .microBFD
        case GATEWATCH_UNAFFILIATED_ECHO: self = .unaffiliatedEcho
        default: throw .argument
        }
    }

    fileprivate var number: Int {
        switch self {
        case .singleHop: GATEWATCH_SINGLE_HOP
        case .multihop: GATEWATCH_MULTIHOP
        case .microBFD: GATEWATCH_MICRO_BFD
        case .unaffiliatedEcho: GATEWATCH_UNAFFILIATED_ECHO
        }
    }
}

extension Path {
    fileprivate init(_ config: gatewatch_session_config, isPure: Bool) throws(Failure) {
        let source = unsafe config.source
        let index = isPure ? unsafe config.interface_index : 0
        guard let destination = unsafe config.destination.address, !destination.isUnspecified,
            [0, 4, 6].contains(source.family)
        else { throw .argument }
        if let source = source.address, source.isIPv6 != destination.isIPv6 { throw .family }
        self.init(
            destination: destination, source: source.address, isBoundToInterface: index != 0,
            interfaceIndex: index, transport: try Transport(number: unsafe config.transport))
    }
}

extension gatewatch_session_status: Record {
    init(
        _ session: Session, authentication: AuthenticationType?, transmitSequence: UInt32?
    ) {
        unsafe self.init()
        unsafe state = session.state.rawValue
        unsafe remote_state = session.remoteState.rawValue
        unsafe local_diagnostic = session.localDiagnostic.rawValue
        unsafe remote_diagnostic = session.remoteDiagnostic.rawValue
        unsafe local_discriminator = session.localDiscriminator
        unsafe remote_discriminator = session.remoteDiscriminator
        unsafe transmit_interval_us = session.transmitInterval.count
        unsafe receive_interval_us = session.receiveInterval?.count ?? 0
        unsafe detection_time_ns = session.detectionTime?.count ?? 0
        unsafe last_received = session.lastReceived.orZero
        unsafe is_unsolicited = session.isUnsolicited ? 1 : 0
        unsafe is_in_demand_mode = session.isInDemandMode ? 1 : 0
        unsafe echo_interval_us = session.echoTransmitInterval.count
        unsafe self.authentication = authentication?.rawValue ?? 0
        unsafe transmit_sequence = transmitSequence ?? 0
        unsafe set(session.counters)
        unsafe set(session.configuration.path)
    }

    private mutating func set(_ counters: SessionCounters) {
        unsafe last_up = counters.lastUp?.nanoseconds ?? 0
        unsafe last_down = counters.lastDown?.nanoseconds ?? 0
        unsafe received = counters.received
        unsafe sent = counters.sent
        unsafe send_failed = counters.sendFailed
        unsafe discarded = counters.receivedInvalid
        unsafe downs = UInt64(counters.downs)
        unsafe echoes_sent = counters.echoesSent
        unsafe echoes_returned = counters.echoesReturned
        let most = DiscardReason.allCases.max {
            counters.discards.count(of: $0) < counters.discards.count(of: $1)
        }
        if let most, counters.discards.count(of: most) > 0 {
            unsafe discard_reason = unsafe lasting(most.name)
        }
    }

    private mutating func set(_ path: Path) {
        unsafe interface_index = path.interfaceIndex
        unsafe destination = gatewatch_address(path.destination)
        if !path.source.isUnspecified { unsafe source = gatewatch_address(path.source) }
        unsafe transport = UInt8(path.transport.number)
    }
}

extension gatewatch_event: Record {
    init(kind: Int, session: Int64 = 0, tag: UInt64 = 0) {
        self.init()
        self.kind = UInt32(kind)
        self.session = session
        self.tag = tag
    }

    init(_ change: StateChange, session: Int64, tag: UInt64) {
        self.init(kind: GATEWATCH_EVENT_STATE, session: session, tag: tag)
        at = change.at.nanoseconds
        last_received = change.lastReceived.orZero
        old_state = change.from.rawValue
        new_state = change.to.rawValue
        cause = UInt8(change.cause.number)
        local_diagnostic = change.localDiagnostic.rawValue
        remote_diagnostic = change.remoteDiagnostic.rawValue
    }

    init(lost count: Int) {
        self.init(kind: GATEWATCH_EVENT_LOST)
        self.count = UInt64(count)
    }

    init(kind: Int, session: Int64 = 0, text: String) {
        self.init(kind: kind, session: session)
        copyText(text, into: &self.text)
    }
}

extension StateChangeCause {
    /// The number programs have been compiled with.
    fileprivate var number: Int {
        switch self {
        case .handshake: GATEWATCH_CAUSE_HANDSHAKE
        case .peerDown: GATEWATCH_CAUSE_PEER_DOWN
        case .peerAdminDown: GATEWATCH_CAUSE_PEER_ADMIN_DOWN
        case .detectionTimeExpired: GATEWATCH_CAUSE_DETECTION_TIME_EXPIRED
        case .administrativelyDisabled: GATEWATCH_CAUSE_DISABLED
        case .administrativelyEnabled: GATEWATCH_CAUSE_ENABLED
        case .pathDown: GATEWATCH_CAUSE_PATH_DOWN
        case .echoFailed: GATEWATCH_CAUSE_ECHO_FAILED
        case .pathRestored: GATEWATCH_CAUSE_PATH_RESTORED
        case .forwardingPlaneReset: GATEWATCH_CAUSE_FORWARDING_PLANE_RESET
        case .notUpInTime: GATEWATCH_CAUSE_NOT_UP_IN_TIME
        case .takenOver: GATEWATCH_CAUSE_TAKEN_OVER
        }
    }
}

extension Instant {
    /// Zero for a moment that has never been.
    fileprivate var orZero: Int64 { nanoseconds == .min ? 0 : nanoseconds }
}

/// Fills in the defaults.
@c @implementation
public func gatewatch_session_defaults(
    _ config: UnsafeMutablePointer<gatewatch_session_config>?, _ size: Int
) -> Int32 {
    result { () throws(Failure) in
        try unsafe gatewatch_session_config.defaults.give(config, size)
    }
}
