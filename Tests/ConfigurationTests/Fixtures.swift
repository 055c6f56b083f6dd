import Daemon
import Foundation

/// The files under `fixtures/configuration`.
enum Fixtures {
    static let directory = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "fixtures/configuration")

    /// The names of all configurations, without their extension.
    static let names: [String] = {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []
        return files.filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }.sorted()
    }()

    static func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: directory.appending(path: "\(name).yaml")))
    }

    static func read(_ name: String) throws -> ConfigurationReport {
        ConfigurationFile.read(
            try bytes(name), name: "\(name).yaml", directory: directory.path)
    }

    /// Reads a text as if it were a file.
    static func read(text: String) -> ConfigurationReport {
        ConfigurationFile.read(Array(text.utf8), name: "test.yaml")
    }

    static let isUpdating = ProcessInfo.processInfo.environment["UPDATE_FIXTURES"] == "1"
}
