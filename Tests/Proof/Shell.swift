import Foundation

/// Runs tools, each with its output in a file.
enum Shell {
    struct Result {
        /// `nil` when it was stopped for taking too long.
        let status: Int32?
        let wasSignalled: Bool
        let output: String
    }

    /// Stops the tool after some seconds, or once it has printed `last`.
    static func run(
        _ arguments: [String], environment: [String: String] = [:], seconds: Double = 600,
        until last: String? = nil
    ) throws -> Result {
        let file = FileManager.default.temporaryDirectory
            .appending(path: "proof-\(UUID().uuidString).txt")
        try Data().write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let output = try FileHandle(forWritingTo: file)
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let end = Date(timeIntervalSinceNow: seconds)
        var isDone = false
        while process.isRunning && Date() < end && !isDone {
            Thread.sleep(forTimeInterval: 0.05)
            if let last { isDone = try Data(contentsOf: file).contains(last) }
        }
        let isLate = process.isRunning && !isDone
        if process.isRunning { process.interrupt() }
        let grace = Date(timeIntervalSinceNow: 2)
        while process.isRunning && Date() < grace { Thread.sleep(forTimeInterval: 0.02) }
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
        let bytes = try Data(contentsOf: file)
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

extension Data {
    fileprivate func contains(_ text: String) -> Bool {
        firstRange(of: Data(text.utf8)) != nil
    }
}
