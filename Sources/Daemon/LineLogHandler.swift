internal import ControlProtocol
internal import Foundation
internal import LinuxSystem
internal import Logging

/// Writes one event per line to standard error, for people or as JSON.
struct LineLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level
    private let format: DaemonConfiguration.LogFormat

    init(_ log: DaemonConfiguration.Log) {
        logLevel = Logger.Level(rawValue: log.level.rawValue) ?? .info
        format = log.format
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let time = Timestamp(realtimeNanoseconds: Clock.realtimeNanoseconds())
        let fields = metadata.merging(event.metadata ?? [:]) { _, new in new }
        let line =
            switch format {
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
        return "\(time) \(event.level.rawValue): \(event.message)\(details.joined())"
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
