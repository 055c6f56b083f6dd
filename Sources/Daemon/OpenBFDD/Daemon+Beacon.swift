internal import ControlProtocol
internal import EventLoop
internal import Logging

extension Daemon {
    /// Has these be the peers, and no others; sessions that stay as they are go on untouched.
    func follow(_ peers: [DaemonConfiguration.Peer]) throws(Failure) {
        try refuseWhileStopping()
        var wanted = configuration
        wanted.peers = peers
        let difference = ConfigurationDifference(from: running, to: wanted, KeyChains())
        try apply(difference, wanted, KeyChains())
    }

    /// Remembers what a beacon was told.
    func note(_ command: OpenBFDD.Command, _ words: [String], _ table: OpenBFDD.Table) {
        let text = "bfdd-control \(words.joined(separator: " "))"
        switch command {
        case .log:
            configuration.log.level = DaemonConfiguration.LogLevel(table.log.level)
            logSettings.set(configuration.log)
        case .version, .stop, .status: break
        case .allow, .block, .connect, .session, .newSessions:
            record(.daemon, cause: text)
            logger.info("\(text)")
        }
    }

    /// Ends at once: peers notice by silence, which OVN acts upon sooner than upon AdminDown.
    func end(by cause: String) {
        record(.daemon, cause: "stopping: \(cause)")
        logger.info("stopping: \(cause)")
        loop.stop()
    }
}

extension DaemonConfiguration.LogLevel {
    fileprivate init(_ level: OpenBFDD.LogLevel) {
        switch level {
        case .none: self = .critical
        case .minimal: self = .error
        case .normal: self = .info
        case .detailed, .dev: self = .debug
        case .all: self = .trace
        }
    }
}
