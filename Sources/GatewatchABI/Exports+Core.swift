internal import BFDCore
internal import BFDDriver
public import CGatewatch

extension gatewatch_packet: Record {}

extension gatewatch_arrival: Record {}

/// The sessions behind a handle, which the caller lends for one call.
private func core(_ handle: OpaquePointer?) throws(Failure) -> CoreSessions {
    guard let handle = unsafe handle else { throw .argument }
    return unsafe Unmanaged<CoreSessions>.fromOpaque(UnsafeRawPointer(handle))
        .takeUnretainedValue()
}

/// Makes an engine.
@c @implementation
public func gatewatch_core_open(
    _ sessionCapacity: UInt32, _ seed: UInt64, _ opened: UnsafeMutablePointer<OpaquePointer?>?
) -> Int32 {
    result { () throws(Failure) in
        guard let opened = unsafe opened else { throw .argument }
        unsafe opened.pointee = nil
        guard (1...65_536).contains(sessionCapacity) else { throw .argument }
        do throws(DriverError) {
            try EngineMemory.check(sessionCapacity: Int(sessionCapacity))
        } catch {
            throw Failure(error)
        }
        let core = CoreSessions(capacity: Int(sessionCapacity), seed: seed)
        unsafe opened.pointee = OpaquePointer(Unmanaged.passRetained(core).toOpaque())
    }
}

/// Frees an engine.
@c @implementation
public func gatewatch_core_close(_ handle: OpaquePointer?) {
    guard let handle = unsafe handle else { return }
    unsafe Unmanaged<CoreSessions>.fromOpaque(UnsafeRawPointer(handle)).release()
}

/// Makes a session.
@c @implementation
public func gatewatch_core_add(
    _ handle: OpaquePointer?, _ config: UnsafePointer<gatewatch_session_config>?, _ now: Int64
) -> Int64 {
    number { () throws(Failure) in
        try unsafe core(handle).add(SessionRequest(config, isPure: true), at: now)
    }
}

/// Tells the peer, and removes a session then.
@c @implementation
public func gatewatch_core_remove(
    _ handle: OpaquePointer?, _ session: Int64, _ now: Int64
) -> Int32 {
    result { () throws(Failure) in try unsafe core(handle).remove(session, at: now) }
}

/// Disables or enables a session.
@c @implementation
public func gatewatch_core_set_admin_down(
    _ handle: OpaquePointer?, _ session: Int64, _ down: Int32, _ now: Int64
) -> Int32 {
    result { () throws(Failure) in
        try unsafe core(handle).setAdministrativelyDown(down != 0, session, at: now)
    }
}

/// Changes what may change while a session lives.
@c @implementation
public func gatewatch_core_update(
    _ handle: OpaquePointer?, _ session: Int64,
    _ config: UnsafePointer<gatewatch_session_config>?, _ now: Int64
) -> Int32 {
    result { () throws(Failure) in
        try unsafe core(handle).update(
            session, to: SessionRequest(config, isPure: true), at: now)
    }
}

/// Has a session authenticate otherwise, or not at all.
@c @implementation
public func gatewatch_core_set_keys(
    _ handle: OpaquePointer?, _ session: Int64, _ keys: UnsafePointer<gatewatch_keys>?,
    _ now: Int64
) -> Int32 {
    result { () throws(Failure) in
        try unsafe core(handle).setKeys(session, to: KeyRequest.optional(keys), at: now)
    }
}

/// Tells a session what is known outside BFD, or asks something of it.
@c @implementation
public func gatewatch_core_signal(
    _ handle: OpaquePointer?, _ session: Int64, _ signal: Int32, _ value: Int64, _ now: Int64
) -> Int32 {
    result { () throws(Failure) in
        try unsafe core(handle).signal(
            SessionSignal(number: signal, value: value), session, at: now)
    }
}

/// How a session stands.
@c @implementation
public func gatewatch_core_status(
    _ handle: OpaquePointer?, _ session: Int64,
    _ status: UnsafeMutablePointer<gatewatch_session_status>?, _ size: Int
) -> Int32 {
    result { () throws(Failure) in try unsafe core(handle).status(session).give(status, size) }
}

/// Takes one received packet.
@c @implementation
public func gatewatch_core_receive(
    _ handle: OpaquePointer?, _ bytes: UnsafeRawPointer?, _ count: Int,
    _ arrival: UnsafePointer<gatewatch_arrival>?, _ now: Int64,
    _ reason: UnsafeMutablePointer<UnsafePointer<CChar>?>?
) -> Int64 {
    number { () throws(Failure) in
        let core = try unsafe core(handle)
        var record = gatewatch_arrival()
        guard unsafe record.read(arrival), let bytes = unsafe bytes, count >= 0 else {
            throw .argument
        }
        let octets = unsafe UnsafeBufferPointer(
            start: bytes.assumingMemoryBound(to: UInt8.self), count: count)
        switch try unsafe core.receive(octets.span, record, at: now) {
        case .success(let session): return session
        case .failure(let discard):
            if let reason = unsafe reason { unsafe reason.pointee = lasting(discard.name) }
            throw .discarded
        }
    }
}

/// Does what is due.
@c @implementation
public func gatewatch_core_handle_timeout(_ handle: OpaquePointer?, _ now: Int64) -> Int32 {
    result { () throws(Failure) in try unsafe core(handle).handleTimeout(at: now) }
}

/// When there is something to do.
@c @implementation
public func gatewatch_core_deadline(_ handle: OpaquePointer?) -> Int64 {
    number { () throws(Failure) in try unsafe core(handle).deadline }
}

/// The next thing to do.
@c @implementation
public func gatewatch_core_poll(
    _ handle: OpaquePointer?, _ packet: UnsafeMutablePointer<gatewatch_packet>?,
    _ packetSize: Int, _ event: UnsafeMutablePointer<gatewatch_event>?, _ eventSize: Int
) -> Int32 {
    Int32(
        number { () throws(Failure) in
            let core = try unsafe core(handle)
            // Looked at beforehand: what has been taken out of the engine does not go back.
            try unsafe gatewatch_packet().give(packet, packetSize)
            try unsafe gatewatch_event().give(event, eventSize)
            switch core.poll() {
            case .packet(let record):
                _ = unsafe record.write(packet, packetSize)
                return Int64(GATEWATCH_PACKET)
            case .event(let record):
                _ = unsafe record.write(event, eventSize)
                return Int64(GATEWATCH_EVENT)
            case nil: return 0
            }
        })
}
