internal import BFDCore
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

    var keeper: any SessionKeeper {
        switch mode {
        case .managed(let sessions): sessions
        case .driven(let sessions): sessions
        }
    }

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

/// Who keeps the sessions of a handle.
private func keeper(_ pointer: OpaquePointer?) throws(Failure) -> any SessionKeeper {
    try unsafe handle(pointer).keeper
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
        switch Int(unsafe config.mode) {
        case GATEWATCH_MANAGED: isDriven = false
        case GATEWATCH_DRIVEN: isDriven = true
        default: throw .argument
        }
        capacity = Int(unsafe config.session_capacity)
        namespacePath = unsafe config.namespace_path.map { unsafe String(cString: $0) }
        guard (1...65_536).contains(capacity), !isDriven || namespacePath == nil else {
            throw .argument
        }
        var random = SystemRandomNumberGenerator()
        seed = unsafe config.seed == 0 ? random.next() : config.seed
        settings = try unsafe RealTimeSettings(config)
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

extension RealTimeSettings {
    fileprivate init(_ config: gatewatch_config) throws(Failure) {
        let priority = unsafe config.priority
        let processor = unsafe config.processor
        let spin = Int64(unsafe config.spin_us)
        let latency = Int64(unsafe config.processor_latency_us)
        let threads = Int(unsafe config.thread_count)
        guard (0...99).contains(priority), spin <= 1_000, threads <= 16, latency >= -1 else {
            throw .argument
        }
        self.init(
            priority: priority, processor: processor < 0 ? nil : processor,
            locksMemory: unsafe config.lock_memory != 0, spin: .microseconds(spin),
            latency: latency == 0 ? nil : .microseconds(max(latency, 0)),
            threadCount: max(threads, 1))
    }
}

/// Fills in the defaults.
@c @implementation
public func gatewatch_config_defaults(
    _ config: UnsafeMutablePointer<gatewatch_config>?, _ size: Int
) -> Int32 {
    result { () throws(Failure) in
        try unsafe gatewatch_config.defaults.give(config, size)
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
    _ handle: OpaquePointer?, _ config: UnsafePointer<gatewatch_session_config>?
) -> Int64 {
    number { () throws(Failure) in
        try unsafe keeper(handle).add(SessionRequest(config, isPure: false))
    }
}

/// Tells the peer, and removes a session then.
@c @implementation
public func gatewatch_remove(_ handle: OpaquePointer?, _ session: Int64) -> Int32 {
    result { () throws(Failure) in try unsafe keeper(handle).remove(session) }
}

/// Disables or enables a session.
@c @implementation
public func gatewatch_set_admin_down(
    _ handle: OpaquePointer?, _ session: Int64, _ down: Int32
) -> Int32 {
    result { () throws(Failure) in
        try unsafe keeper(handle).setAdministrativelyDown(down != 0, session)
    }
}

/// Changes what may change while a session lives.
@c @implementation
public func gatewatch_update(
    _ handle: OpaquePointer?, _ session: Int64,
    _ config: UnsafePointer<gatewatch_session_config>?
) -> Int32 {
    result { () throws(Failure) in
        try unsafe keeper(handle).update(session, to: SessionRequest(config, isPure: false))
    }
}

/// Has a session authenticate otherwise, or not at all.
@c @implementation
public func gatewatch_set_keys(
    _ handle: OpaquePointer?, _ session: Int64, _ keys: UnsafePointer<gatewatch_keys>?
) -> Int32 {
    result { () throws(Failure) in
        try unsafe keeper(handle).setKeys(session, to: KeyRequest.optional(keys))
    }
}

/// Tells a session what is known outside BFD, or asks something of it.
@c @implementation
public func gatewatch_signal(
    _ handle: OpaquePointer?, _ session: Int64, _ signal: Int32, _ value: Int64
) -> Int32 {
    result { () throws(Failure) in
        try unsafe keeper(handle).signal(SessionSignal(number: signal, value: value), session)
    }
}

/// How a session stands.
@c @implementation
public func gatewatch_status(
    _ handle: OpaquePointer?, _ session: Int64,
    _ status: UnsafeMutablePointer<gatewatch_session_status>?, _ size: Int
) -> Int32 {
    result { () throws(Failure) in
        try unsafe keeper(handle).status(session).give(status, size)
    }
}

/// The session after another one.
@c @implementation
public func gatewatch_next_session(_ handle: OpaquePointer?, _ after: Int64) -> Int64 {
    number { () throws(Failure) in try unsafe keeper(handle).number(after: after) ?? 0 }
}

/// Changes who may start sessions.
@c @implementation
public func gatewatch_set_unsolicited(
    _ handle: OpaquePointer?, _ peers: UnsafePointer<gatewatch_unsolicited>?, _ count: Int,
    _ size: Int
) -> Int32 {
    result { () throws(Failure) in
        try unsafe keeper(handle).setUnsolicited(UnsolicitedPeers.all(peers, count, size))
    }
}

/// The descriptor to poll.
@c @implementation
public func gatewatch_descriptor(_ handle: OpaquePointer?) -> Int32 {
    Int32(number { () throws(Failure) in Int64(try unsafe keeper(handle).descriptor) })
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
    _ handle: OpaquePointer?, _ event: UnsafeMutablePointer<gatewatch_event>?, _ size: Int
) -> Int32 {
    Int32(
        number { () throws(Failure) in
            let keeper = try unsafe keeper(handle)
            // Looked at beforehand: an event that has been taken does not go back.
            try unsafe gatewatch_event().give(event, size)
            guard let record = keeper.nextEvent() else { return 0 }
            try unsafe record.give(event, size)
            return 1
        })
}
