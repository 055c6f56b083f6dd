internal import BFDDriver
public import CGatewatch
internal import Gatewatch

/// What `struct gatewatch` is.
final class Handle {
    enum Mode {
        case managed(ManagedSessions)
        case driven(DrivenSessions)
    }

    let mode: Mode

    init(_ mode: Mode) { self.mode = mode }

    func driven() throws(Failure) -> DrivenSessions {
        switch mode {
        case .managed: throw .mode
        case .driven(let sessions): return sessions
        }
    }

    func managed() throws(Failure) -> ManagedSessions {
        switch mode {
        case .managed(let sessions): return sessions
        case .driven: throw .mode
        }
    }
}

/// What is behind a handle, which the caller lends for one call.
func handle(_ pointer: OpaquePointer?) throws(Failure) -> Handle {
    guard let pointer = unsafe pointer else { throw .argument }
    return unsafe Unmanaged<Handle>.fromOpaque(UnsafeRawPointer(pointer)).takeUnretainedValue()
}

extension gatewatch_config: Record {
    fileprivate static var defaults: gatewatch_config {
        var config = unsafe gatewatch_config()
        unsafe config.size = UInt32(MemoryLayout<gatewatch_config>.size)
        unsafe config.session_capacity = 64
        unsafe config.processor = -1
        return unsafe config
    }
}

/// What a caller wants of a handle, its structure having been copied.
private struct OpenRequest {
    private let isDriven: Bool
    private let capacity: Int
    private let seed: UInt64
    private let settings: RealTimeSettings
    private let namespacePath: String?

    init(_ source: UnsafePointer<gatewatch_config>?) throws(Failure) {
        var config = unsafe gatewatch_config.defaults
        if unsafe source != nil {
            guard unsafe config.read(source) else { throw .argument }
        }
        let priority = unsafe config.priority
        let processor = unsafe config.processor
        switch Int(unsafe config.mode) {
        case GATEWATCH_MANAGED: isDriven = false
        case GATEWATCH_DRIVEN: isDriven = true
        default: throw .argument
        }
        capacity = Int(unsafe config.session_capacity)
        namespacePath = unsafe config.namespace_path.map { unsafe String(cString: $0) }
        guard (1...65_536).contains(capacity), (0...99).contains(priority),
            !isDriven || namespacePath == nil
        else { throw .argument }
        var random = SystemRandomNumberGenerator()
        seed = unsafe config.seed == 0 ? random.next() : config.seed
        settings = RealTimeSettings(
            priority: priority, processor: processor < 0 ? nil : processor,
            locksMemory: unsafe config.lock_memory != 0)
    }

    func open() throws(Failure) -> Handle {
        if isDriven {
            return Handle(.driven(try DrivenSessions(sessionCapacity: capacity, seed: seed)))
        }
        return Handle(
            .managed(
                try ManagedSessions(
                    GatewatchConfiguration(
                        namespacePath: namespacePath, sessionCapacity: capacity,
                        realTime: settings, seed: seed))))
    }
}

/// Fills in the defaults.
@c @implementation
public func gatewatch_config_defaults(
    _ config: UnsafeMutablePointer<gatewatch_config>?, _ size: Int
) -> Int32 {
    result { () throws(Failure) in
        let defaults = unsafe gatewatch_config.defaults
        guard unsafe defaults.write(config, size) else { throw .argument }
    }
}

/// Opens sockets and starts threads.
@c @implementation
public func gatewatch_open(
    _ config: UnsafePointer<gatewatch_config>?, _ opened: UnsafeMutablePointer<OpaquePointer?>?
) -> Int32 {
    result { () throws(Failure) in
        guard let opened = unsafe opened else { throw .argument }
        unsafe opened.pointee = nil
        let handle = try unsafe OpenRequest(config).open()
        unsafe opened.pointee = OpaquePointer(Unmanaged.passRetained(handle).toOpaque())
    }
}

/// Ends all and frees the handle.
@c @implementation
public func gatewatch_close(_ handle: OpaquePointer?) {
    guard let handle = unsafe handle else { return }
    let held = unsafe Unmanaged<Handle>.fromOpaque(UnsafeRawPointer(handle)).takeRetainedValue()
    switch held.mode {
    case .managed(let sessions): sessions.close()
    case .driven: break
    }
}

/// Starts a session.
@c @implementation
public func gatewatch_add(
    _ pointer: OpaquePointer?, _ config: UnsafePointer<gatewatch_session_config>?
) -> Int64 {
    number { () throws(Failure) in
        let handle = try unsafe handle(pointer)
        let request = try unsafe SessionRequest(config, isPure: false)
        switch handle.mode {
        case .managed(let sessions): return try sessions.add(request)
        case .driven(let sessions): return try sessions.add(request)
        }
    }
}

/// Tells the peer, and removes a session then.
@c @implementation
public func gatewatch_remove(_ pointer: OpaquePointer?, _ session: Int64) -> Int32 {
    result { () throws(Failure) in
        switch try unsafe handle(pointer).mode {
        case .managed(let sessions): try sessions.remove(session)
        case .driven(let sessions): try sessions.remove(session)
        }
    }
}

/// Disables or enables a session.
@c @implementation
public func gatewatch_set_admin_down(
    _ pointer: OpaquePointer?, _ session: Int64, _ down: Int32
) -> Int32 {
    result { () throws(Failure) in
        switch try unsafe handle(pointer).mode {
        case .managed(let sessions): try sessions.setAdministrativelyDown(down != 0, session)
        case .driven(let sessions): try sessions.setAdministrativelyDown(down != 0, session)
        }
    }
}

/// Changes intervals, multiplier and checks of a session.
@c @implementation
public func gatewatch_update(
    _ pointer: OpaquePointer?, _ session: Int64,
    _ config: UnsafePointer<gatewatch_session_config>?
) -> Int32 {
    result { () throws(Failure) in
        let handle = try unsafe handle(pointer)
        let request = try unsafe SessionRequest(config, isPure: false)
        switch handle.mode {
        case .managed(let sessions): try sessions.update(session, to: request)
        case .driven(let sessions): try sessions.update(session, to: request)
        }
    }
}

/// How a session stands.
@c @implementation
public func gatewatch_status(
    _ pointer: OpaquePointer?, _ session: Int64,
    _ status: UnsafeMutablePointer<gatewatch_session_status>?, _ size: Int
) -> Int32 {
    result { () throws(Failure) in
        let record: gatewatch_session_status
        switch try unsafe handle(pointer).mode {
        case .managed(let sessions): record = try sessions.status(session)
        case .driven(let sessions): record = try sessions.status(session)
        }
        guard unsafe record.write(status, size) else { throw .argument }
    }
}

/// The descriptor to poll.
@c @implementation
public func gatewatch_descriptor(_ pointer: OpaquePointer?) -> Int32 {
    Int32(
        number { () throws(Failure) in
            switch try unsafe handle(pointer).mode {
            case .managed(let sessions): return Int64(sessions.descriptor)
            case .driven(let sessions): return Int64(sessions.descriptor)
            }
        })
}

/// When there is something to do.
@c @implementation
public func gatewatch_deadline(_ pointer: OpaquePointer?) -> Int64 {
    number { () throws(Failure) in try unsafe handle(pointer).driven().deadline }
}

/// Does what is due.
@c @implementation
public func gatewatch_serve(_ pointer: OpaquePointer?) -> Int32 {
    Int32(number { () throws(Failure) in try unsafe handle(pointer).driven().serve() ? 1 : 0 })
}

/// Takes the oldest event.
@c @implementation
public func gatewatch_next_event(
    _ pointer: OpaquePointer?, _ event: UnsafeMutablePointer<gatewatch_event>?, _ size: Int
) -> Int32 {
    Int32(
        number { () throws(Failure) in
            let handle = try unsafe handle(pointer)
            // Looked at beforehand: an event that has been taken does not go back.
            guard unsafe gatewatch_event().write(event, size) else { throw .argument }
            let record: gatewatch_event?
            switch handle.mode {
            case .managed(let sessions): record = sessions.nextEvent()
            case .driven(let sessions): record = sessions.nextEvent()
            }
            guard let record else { return 0 }
            _ = unsafe record.write(event, size)
            return 1
        })
}
