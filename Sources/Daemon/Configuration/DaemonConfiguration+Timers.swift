internal import BFDCore
public import NodeCore

extension DaemonConfiguration.Peer {
    /// The timers of our end, as they are judged before anything runs.
    public var timers: TimerTriple {
        TimerTriple(
            name: "our end of \(name)", minTx: Int64(desiredMinTxInterval.count),
            minRx: Int64(requiredMinRxInterval.count), multiplier: Int64(localMultiplier))
    }
}
