internal import ControlProtocol
internal import Foundation
internal import LinuxSystem

/// A Gatewatch daemon of the demonstration: the same program, started as an operator would.
final class DemoDaemon {
    let name: String
    private let configuration: String
    private let folder: String
    private var process: Process?

    /// A daemon with a configuration; `folder` gets its file, socket, state and log.
    init(name: String, folder: String, configuration: String) {
        self.name = name
        self.folder = folder
        self.configuration = """
            \(configuration)
            control: {socket: "\(folder)/\(name).sock"}
            state-directory: "\(folder)/\(name)"
            stop-hold: 500ms
            realtime: {lock-memory: false}
            """
    }

    /// Starts the process.
    func start() throws {
        let file = "\(folder)/\(name).yaml"
        let log = "\(folder)/\(name).log"
        try configuration.write(toFile: file, atomically: true, encoding: .utf8)
        if !FileManager.default.fileExists(atPath: log) {
            _ = FileManager.default.createFile(atPath: log, contents: nil)
        }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = ["run", file]
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: log))
        try handle.seekToEnd()
        process.standardError = handle
        process.standardInput = FileHandle.nullDevice
        try process.run()
        self.process = process
    }

    /// Ends the process without a chance to say a word.
    func kill() {
        guard let process, process.isRunning else { return }
        _ = Foundation.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        self.process = nil
    }

    /// Asks the process to stop in order.
    func terminate() {
        process?.terminate()
    }

    /// Whether the process still runs.
    var isRunning: Bool { process?.isRunning ?? false }

    /// What the daemon answers; `nil` while it cannot be asked.
    func ask(_ request: Request) -> Reply? {
        try? ControlClient.connected(to: "\(folder)/\(name).sock").ask(request)
    }

    /// The end of the log, for a step that failed.
    var logTail: String {
        let log = (try? String(contentsOfFile: "\(folder)/\(name).log", encoding: .utf8)) ?? ""
        return log.split(separator: "\n").suffix(8).map { "    \($0)" }.joined(separator: "\n")
    }
}
