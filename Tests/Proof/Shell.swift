import Foundation

/// Runs tools, each with its output in a file.
enum Shell {
    struct Result {
        /// `nil` when it was stopped for taking too long.
        let status: Int32?
        let wasSignalled: Bool
        let output: String
    }

    static func run(
        _ arguments: [String], environment: [String: String] = [:], seconds: Double = 600
    ) throws -> Result {
        let path = NSTemporaryDirectory() + "proof-\(UUID().uuidString).txt"
        _ = FileManager.default.createFile(atPath: path, contents: nil)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let output = try FileHandle(forWritingTo: URL(filePath: path))
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let end = Date(timeIntervalSinceNow: seconds)
        while process.isRunning && Date() < end { Thread.sleep(forTimeInterval: 0.02) }
        let isLate = process.isRunning
        if isLate { process.interrupt() }
        let grace = Date(timeIntervalSinceNow: 2)
        while process.isRunning && Date() < grace { Thread.sleep(forTimeInterval: 0.02) }
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
        let bytes = try Data(contentsOf: URL(filePath: path))
        return Result(
            status: isLate ? nil : process.terminationStatus,
            wasSignalled: process.terminationReason == .uncaughtSignal,
            output: String(decoding: bytes, as: UTF8.self))
    }

    /// Runs a tool that must not fail.
    static func require(_ arguments: [String]) throws -> String {
        let result = try run(arguments)
        guard result.status == 0 else { throw ProofError.build(result.output) }
        return result.output
    }
}
