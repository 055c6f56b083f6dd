internal import BFDCore
internal import BFDDriver
internal import CGatewatch

extension SessionSignal {
    /// Reads a signal by its number, with what goes with it.
    init(number: Int32, value: Int64) throws(Failure) {
        switch Int(number) {
        case GATEWATCH_SIGNAL_VERIFY: self = .verify
        case GATEWATCH_SIGNAL_FORWARDING_PLANE_RESET: self = .forwardingPlaneReset
        case GATEWATCH_SIGNAL_PATH_DOWN: self = .pathDown(true)
        case GATEWATCH_SIGNAL_PATH_UP: self = .pathDown(false)
        case GATEWATCH_SIGNAL_CONCATENATED_PATH_DOWN: self = .concatenatedPathDown
        case GATEWATCH_SIGNAL_REVERSE_CONCATENATED_PATH_DOWN: self = .reverseConcatenatedPathDown
        case GATEWATCH_SIGNAL_CONCATENATED_PATH_UP: self = .concatenatedPathRestored
        case GATEWATCH_SIGNAL_LENGTHEN_INTERVALS:
            guard let count = UInt32(exactly: value), count > 0 else { throw .argument }
            self = .lengthenIntervals(Microseconds(count))
        case GATEWATCH_SIGNAL_RESTORE_INTERVALS: self = .restoreIntervals
        case GATEWATCH_SIGNAL_HOLD:
            guard value != -1 else {
                self = .hold(requiredMinRxInterval: nil)
                return
            }
            guard let count = UInt32(exactly: value) else { throw .argument }
            self = .hold(requiredMinRxInterval: Microseconds(count))
        case GATEWATCH_SIGNAL_RELEASE: self = .release
        case GATEWATCH_SIGNAL_FORCE_DOWN:
            guard let code = UInt8(exactly: value), code < 32 else { throw .argument }
            self = .forceDown(Diagnostic(rawValue: code))
        default: throw .argument
        }
    }
}
