internal import ControlProtocol
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
    private let output: LogOutput
    private var ownLevel: Logger.Level?

    init(_ settings: LogSettings, _ output: LogOutput) {
        self.settings = settings
        self.output = output
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
        let fields = metadata.merging(event.metadata ?? [:]) { _, new in new }
        output.write(line(event.level, "\(event.message)", fields)) { count in
            line(.warning, "\(count) lines are missing here, for nobody took them", [:])
        }
    }

    private func line(
        _ level: Logger.Level, _ message: String, _ fields: Logger.Metadata
    ) -> String {
        let time = Timestamp(realtimeNanoseconds: Clock.realtimeNanoseconds())
        return switch settings.current.format {
        case .text: Self.text(time, level, message, fields)
        case .json: Self.json(time, level, message, fields)
        }
    }

    private static func text(
        _ time: Timestamp, _ level: Logger.Level, _ message: String, _ fields: Logger.Metadata
    ) -> String {
        let details = fields.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }
        return "\(time) \(level.rawValue): \(message)\(details.joined())".printable
    }

    private static func json(
        _ time: Timestamp, _ level: Logger.Level, _ message: String, _ fields: Logger.Metadata
    ) -> String {
        var object = fields.mapValues { $0.description }
        object["time"] = time.description
        object["level"] = level.rawValue
        object["message"] = message
        return (try? ControlCoding.line(object)).map {
            String(decoding: $0.dropLast(), as: UTF8.self)
        } ?? ""
    }
}
