internal import BFDCore

extension EndModel {
    /// The interval of its Echo packets before jitter, zero while there are none (RFC 5880 §6.8.9).
    var echoInterval: Microseconds {
        guard settings.echoTransmitInterval.count > 0, remoteMinEchoRx.count > 0, state == .up
        else { return Microseconds(0) }
        return Microseconds.maximum(settings.echoTransmitInterval, remoteMinEchoRx)
    }

    /// The receive interval to advertise: a second while Echo packets do the work.
    var wantedReceive: Microseconds {
        let interval = eased(settings.requiredMinRxInterval)
        return echoInterval.count > 0 ? Microseconds.maximum(interval, .second) : interval
    }

    /// An interval as congestion leaves it.
    func eased(_ interval: Microseconds) -> Microseconds {
        SessionSettings.eased(interval, easedLevel)
    }

    /// Whether its peer has asked for silence, and may (RFC 5880 §6.6).
    var isAskedForSilence: Bool {
        remoteDemand && state == .up && remoteState == .up
    }

    /// How long a Poll may stay without its answer where silence is asked for.
    var pollTime: IntervalRange {
        let interval = transmitInterval
        let factor = Int64(settings.detectMultiplier)
        return IntervalRange(low: interval.low * factor, high: interval.high * factor)
    }
}

extension SessionSettings {
    /// An interval, doubled once a level up to a second.
    static func eased(_ interval: Microseconds, _ level: UInt8) -> Microseconds {
        guard level > 0, interval < .second else { return interval }
        let doubled = UInt64(interval.count) << UInt64(level)
        return doubled < 1_000_000 ? Microseconds(UInt32(doubled)) : .second
    }
}
