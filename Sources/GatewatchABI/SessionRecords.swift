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

    /// Reads a caller's structure; the interface is known by its index only if `isPure`.
    init(
        _ source: UnsafePointer<gatewatch_session_config>?, isPure: Bool
    ) throws(Failure) {
        var config = unsafe gatewatch_session_config.defaults
        guard unsafe config.read(source) else { throw .argument }
        let index = isPure ? unsafe config.interface_index : 0
        let path = try Path(
            from: unsafe config.source, to: unsafe config.destination, interfaceIndex: index,
            transport: unsafe config.transport)
        let minimumTTL = unsafe config.minimum_ttl
        session = SessionConfiguration(
            path: path, role: unsafe config.passive == 0 ? .active : .passive,
            desiredMinTxInterval: Microseconds(unsafe config.desired_min_tx_us),
            requiredMinRxInterval: Microseconds(unsafe config.required_min_rx_us),
            detectMultiplier: unsafe config.detect_multiplier,
            minimumTTL: minimumTTL == 0 ? nil : minimumTTL,
            controlPlaneIndependent: unsafe config.control_plane_independent != 0,
            isAdministrativelyDown: unsafe config.admin_down != 0,
            localDiscriminator: unsafe config.local_discriminator)
        tag = unsafe config.tag
        trafficClass = unsafe config.traffic_class
        interface = isPure ? nil : try unsafe interfaceName(config.interface_name)
        do throws(EngineError) {
            try session.validate()
        } catch {
            throw Failure(error)
        }
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
        default: throw .argument
        }
    }
}

extension Path {
    fileprivate init(
        from source: gatewatch_address, to destination: gatewatch_address,
        interfaceIndex: UInt32, transport: UInt8
    ) throws(Failure) {
        guard let destination = destination.address, !destination.isUnspecified,
            [0, 4, 6].contains(source.family)
        else { throw .argument }
        if let source = source.address, source.isIPv6 != destination.isIPv6 { throw .family }
        self.init(
            destination: destination, source: source.address,
            isBoundToInterface: interfaceIndex != 0, interfaceIndex: interfaceIndex,
            transport: try Transport(number: transport))
    }
}

extension gatewatch_session_status: Record {
    init(_ session: Session) {
        self.init()
        state = session.state.rawValue
        remote_state = session.remoteState.rawValue
        local_diagnostic = session.localDiagnostic.rawValue
        remote_diagnostic = session.remoteDiagnostic.rawValue
        local_discriminator = session.localDiscriminator
        remote_discriminator = session.remoteDiscriminator
        transmit_interval_us = session.transmitInterval.count
        receive_interval_us = session.receiveInterval?.count ?? 0
        detection_time_ns = session.detectionTime?.count ?? 0
        last_up = session.counters.lastUp?.nanoseconds ?? 0
        last_down = session.counters.lastDown?.nanoseconds ?? 0
        last_received = session.lastReceived.orZero
        received = session.counters.received
        sent = session.counters.sent
        send_failed = session.counters.sendFailed
        discarded = session.counters.receivedInvalid
        downs = UInt64(session.counters.downs)
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

    init(kind: Int, text: String) {
        self.init(kind: kind)
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
        let defaults = unsafe gatewatch_session_config.defaults
        guard unsafe defaults.write(config, size) else { throw .argument }
    }
}
