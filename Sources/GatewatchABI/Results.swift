internal import BFDCore
internal import BFDDriver
internal import CGatewatch
internal import Gatewatch
internal import LinuxSystem
internal import Netlink
internal import RouteController

/// Why a function of the interface did not do what it was asked.
enum Failure: Error {
    case argument
    case full
    case unknownSession
    case pathInUse
    case family
    case namespace
    case notResponding
    case mode
    case route
    case clock
    case pollFirst
    case discarded
    case other
    case busy
    case keys
    case state
    /// The kernel's own answer.
    case kernel(Errno)

    var code: Int {
        switch self {
        case .argument: GATEWATCH_ERROR_ARGUMENT
        case .full: GATEWATCH_ERROR_FULL
        case .unknownSession: GATEWATCH_ERROR_UNKNOWN_SESSION
        case .pathInUse: GATEWATCH_ERROR_PATH_IN_USE
        case .family: GATEWATCH_ERROR_FAMILY
        case .namespace: GATEWATCH_ERROR_NAMESPACE
        case .notResponding: GATEWATCH_ERROR_NOT_RESPONDING
        case .mode: GATEWATCH_ERROR_MODE
        case .route: GATEWATCH_ERROR_ROUTE
        case .clock: GATEWATCH_ERROR_CLOCK
        case .pollFirst: GATEWATCH_ERROR_POLL_FIRST
        case .discarded: GATEWATCH_ERROR_DISCARDED
        case .other: GATEWATCH_ERROR_OTHER
        case .busy: GATEWATCH_ERROR_BUSY
        case .keys: GATEWATCH_ERROR_KEYS
        case .state: GATEWATCH_ERROR_STATE
        case .kernel(let errno): -Int(errno.rawValue)
        }
    }

    init(_ error: GatewatchError) {
        switch error {
        case .driver(let error): self = Failure(error)
        case .routes(.system(let error)): self = .kernel(error.errno)
        case .routes(.netlink(let error)): self = error.errno.map { .kernel($0) } ?? .other
        case .routes: self = .route
        case .nameInUse: self = .other
        case .unknownPeer: self = .unknownSession
        }
    }

    init(_ error: DriverError) {
        switch error {
        case .namespace: self = .namespace
        case .system(let error): self = .kernel(error.errno)
        case .engine(let error): self = Failure(error)
        case .notResponding: self = .notResponding
        case .busy: self = .busy
        case .handoverOfSeveralThreads: self = .other
        }
    }

    init(_ error: EngineError) {
        switch error {
        case .full: self = .full
        case .outputFull: self = .pollFirst
        case .pathInUse, .remoteInUse: self = .pathInUse
        case .unknownSession: self = .unknownSession
        case .familyMismatch: self = .family
        case .notBound, .desiredMinTxIntervalZero, .requiredMinRxIntervalZero,
            .detectMultiplierZero, .minimumTTLZero, .echoNotSingleHop,
            .unaffiliatedEchoImpossible, .notConcatenatedPath:
            self = .argument
        case .notUp: self = .state
        case .echoOnSeveralThreads: self = .mode
        }
    }
}

/// What a function of the interface returns.
func result(_ body: () throws(Failure) -> Void) -> Int32 {
    Int32(
        number { () throws(Failure) in
            try body()
            return 0
        })
}

/// The same for functions that have something to say.
func number(_ body: () throws(Failure) -> Int64) -> Int64 {
    do throws(Failure) {
        return try body()
    } catch {
        return Int64(error.code)
    }
}

/// The interface this library implements.
@c @implementation
public func gatewatch_version() -> UInt32 { UInt32(GATEWATCH_VERSION) }

/// What a negative result means.
@c @implementation
public func gatewatch_error_text(_ error: Int64) -> UnsafePointer<CChar>? {
    if (-4_095 ... -1).contains(error) {
        return unsafe Errno(rawValue: Int32(-error)).lastingText
    }
    return unsafe lasting(text(of: Int(error)))
}

/// A text as C has it, for ever.
func lasting(_ text: StaticString) -> UnsafePointer<CChar> {
    unsafe UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
}

private func text(of error: Int) -> StaticString {
    switch error {
    case GATEWATCH_ERROR_ARGUMENT: "an argument is missing or outside its range"
    case GATEWATCH_ERROR_FULL: "there is no room for another session"
    case GATEWATCH_ERROR_UNKNOWN_SESSION: "no session has this number"
    case GATEWATCH_ERROR_PATH_IN_USE: "another session has the same path"
    case GATEWATCH_ERROR_FAMILY: "the addresses are of different families"
    case GATEWATCH_ERROR_NAMESPACE: "the network namespace cannot be entered"
    case GATEWATCH_ERROR_NOT_RESPONDING: "a thread of the library does not answer"
    case GATEWATCH_ERROR_MODE: "not possible with a handle of this mode"
    case GATEWATCH_ERROR_ROUTE: "the route is impossible"
    case GATEWATCH_ERROR_CLOCK: "the moment is earlier than one before"
    case GATEWATCH_ERROR_POLL_FIRST: "what is to be sent and told has not been fetched"
    case GATEWATCH_ERROR_DISCARDED: "the packet was dropped"
    case GATEWATCH_ERROR_OTHER: "an error of the library"
    case GATEWATCH_ERROR_BUSY: "a thread has not come to what it was asked before"
    case GATEWATCH_ERROR_KEYS: "the keys are impossible"
    case GATEWATCH_ERROR_STATE: "the session is not in a state for this"
    case 0...: "no error"
    default: "an unknown error"
    }
}
