internal import ControlProtocol
internal import Foundation
internal import LinuxSystem
internal import Logging
internal import Synchronization

/// What is logged, and how, for all loggers of the process; it may change while they log.
final class LogSettings: Sendable {
    private let log: Mutex<DaemonConfiguration.Log>

    init(_ log: DaemonConfiguration.Log) {
        self.log = Mutex(log)
    }

    var current: DaemonConfiguration.Log { log.withLock { $0 } }

    func set(_ log: DaemonConfiguration.Log) {
        self.log.withLock { $0 = log }
    }
}

/// Writes one event per line to standard error, for people or as JSON.
struct LineLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    private let settings: LogSettings
    private var ownLevel: Logger.Level?

    init(_ settings: LogSettings) {
        self.settings = settings
    }

    /// That of all loggers, unless this one was given another.
    var logLevel: Logger.Level {
        get { ownLevel ?? Logger.Level(rawValue: settings.current.level.rawValue) ?? .info }
        set { ownLevel = newValue }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let time = Timestamp(realtimeNanoseconds: Clock.realtimeNanoseconds())
        let fields = metadata.merging(event.metadata ?? [:]) { _, new in new }
        let line =
            switch settings.current.format {
            case .text: Self.text(time, event, fields)
            case .json: Self.json(time, event, fields)
            }
        // A log that cannot be written must not end the daemon.
        try? FileHandle.standardError.write(contentsOf: Data((line + "\n").utf8))
    }

    private static func text(
        _ time: Timestamp, _ event: LogEvent, _ fields: Logger.Metadata
    ) -> String {
        let details = fields.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }
        return "\(time) \(event.level.rawValue): \(event.message)\(details.joined())".printable
    }

    private static func json(
        _ time: Timestamp, _ event: LogEvent, _ fields: Logger.Metadata
    ) -> String {
        var object = fields.mapValues { $0.description }
        object["time"] = time.description
        object["level"] = event.level.rawValue
        object["message"] = event.message.description
        return (try? ControlCoding.line(object)).map {
            String(decoding: $0.dropLast(), as: UTF8.self)
        } ?? ""
    }
}
