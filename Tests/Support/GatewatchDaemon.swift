public import Foundation

/// The `gatewatch` executable of the same build, run as a daemon in a lab.
public final class GatewatchDaemon {
    /// The configuration it reads at its next start.
    public var configuration: String
    /// What runs it, such as `prlimit` with a limit.
    public var wrapper: [String] = []
    private let lab: Lab
    private let executable: String
    private let options: [String]?
    /// What it writes to.
    public let folder: URL
    private var process: RunningProcess?

    /// A daemon that is not started yet.
    ///
    /// The control socket and the state directory are added to the configuration. An executable
    /// other than the one next to the tests is named by `GATEWATCH_EXECUTABLE`.
    public init(in lab: Lab, configuration: String, executable: String? = nil) throws {
        self.lab = lab
        options = nil
        self.executable = try executable ?? Self.chosenExecutable()
        folder = try lab.makeFolder("gatewatch-\(UUID().uuidString.prefix(8))")
        file = folder.appending(path: "gatewatch.yaml")
        self.configuration = """
            control: {socket: \(folder.path)/control.sock}
            state-directory: \(folder.path)/state
            \(configuration)

            """
    }

    /// A daemon without a file, told everything by options.
    public init(in lab: Lab, options: [String]) throws {
        self.lab = lab
        executable = try Self.chosenExecutable()
        folder = try lab.makeFolder("gatewatch-\(UUID().uuidString.prefix(8))")
        file = folder.appending(path: "gatewatch.yaml")
        configuration = ""
        self.options =
            options + [
                "--socket", "\(folder.path)/control.sock",
                "--state-directory", "\(folder.path)/state",
            ]
    }

    private static func chosenExecutable() throws -> String {
        let chosen = ProcessInfo.processInfo.environment["GATEWATCH_EXECUTABLE"]
        return try chosen ?? BuiltProduct.path(of: "gatewatch")
    }

    /// The file that it runs with, and follows.
    public var file: URL
    /// Whether `file` is written before each start, with `configuration`.
    public var writesFile = true

    /// Puts another configuration in the place of the file, by a rename.
    public func rewrite(_ text: String) throws {
        configuration = text
        try text.write(to: file, atomically: true, encoding: .utf8)
    }

    /// The same, with one text in the place of another one.
    public func rewrite(_ old: String, to new: String) throws {
        guard configuration.contains(old) else { throw LabError("no \(old) in the configuration") }
        try rewrite(configuration.replacing(old, with: new))
    }

    /// What it keeps over restarts.
    public var stateDirectory: URL { folder.appending(path: "state") }

    /// Where it is asked.
    public var socket: String { folder.appending(path: "control.sock").path }

    /// Starts the daemon and waits until it answers.
    public func start() async throws {
        try begin()
        try await waitUntilReady()
    }

    /// Starts the daemon.
    public func begin() throws {
        _ = try launch()
    }

    /// Waits until the daemon that was started shows its sessions.
    public func waitUntilReady() async throws {
        try await eventually("gatewatch answers") {
            guard let process, process.isRunning else {
                throw LabError("gatewatch ended: \(output)")
            }
            return try result("status", "--json").status == 0
        }
    }

    /// What the daemon that was started last has logged.
    public var output: String { process?.output ?? "" }

    /// Its process's value of a name in `/proc/PID/status`; of each thread, where that has one.
    public func processStatus(_ name: String) throws -> [String] {
        let tasks = "/proc/\(processIdentifier)/task"
        return try FileManager.default.contentsOfDirectory(atPath: tasks).map { task in
            let text = try String(contentsOfFile: "\(tasks)/\(task)/status", encoding: .utf8)
            let line = text.split(separator: "\n").first { $0.hasPrefix("\(name):") } ?? ""
            return line.dropFirst(name.count + 1).trimmingCharacters(in: .whitespaces)
        }
    }

    /// The daemon's process id.
    public var processIdentifier: Int32 { process?.identifier ?? 0 }

    /// Runs a command of the command line against the daemon, whatever comes of it.
    public func result(_ arguments: String...) throws -> CommandResult {
        try Command.result([executable] + arguments + ["--socket", socket])
    }

    /// Starts the daemon and waits for its end: for what it must refuse.
    public func startAndFail() async throws -> (status: Int32, output: String) {
        let started = try launch()
        let status = try await started.waitForEnd()
        return (status, started.output)
    }

    private func launch(_ verb: String = "run") throws -> RunningProcess {
        if writesFile { try configuration.write(to: file, atomically: true, encoding: .utf8) }
        let started = try lab.start(
            "gatewatch", wrapper + [executable, verb] + (options ?? [file.path]))
        process = started
        return started
    }

    /// Has a new process take over, and waits until the one before has ended; its exit status.
    @discardableResult
    public func handOver() async throws -> Int32 {
        guard let before = process else { throw LabError("gatewatch was not started") }
        _ = try launch("handover")
        let status = try await before.waitForEnd()
        try await waitUntilReady()
        return status
    }

    /// Has a new process try in vain; what it printed. The one before goes on.
    public func failToHandOver() async throws -> (status: Int32, output: String) {
        let before = process
        let started = try launch("handover")
        let status = try await started.waitForEnd()
        process = before
        return (status, started.output)
    }

    /// Sends a signal, and returns the wall-clock time just before, in nanoseconds.
    @discardableResult
    public func signal(_ number: Int32) -> Int64 {
        process?.signal(number) ?? 0
    }

    /// Whether the process that was started last has not ended.
    public var isRunning: Bool { process?.isRunning ?? false }

    /// Its process id; nil before the start.
    public var identifier: Int32? { process?.identifier }

    /// Ends the daemon as a crash would.
    public func kill9() async throws {
        try await process?.kill9()
    }

    /// Takes away what the next run would go on with; discriminators stay.
    public func forgetSessions() throws {
        for number in 0...1 {
            // One of them may not have been written yet.
            try? FileManager.default.removeItem(
                at: stateDirectory.appending(path: "sessions-\(number).bin"))
        }
    }

    /// Ends the daemon in good order; its exit status.
    @discardableResult
    public func terminate() async throws -> Int32 {
        guard let process else { throw LabError("gatewatch was not started") }
        process.signal(SIGTERM)
        return try await process.waitForEnd()
    }

    /// Runs a command of the command line against the daemon.
    @discardableResult
    public func command(_ arguments: String...) throws -> String {
        try Command.run([executable] + arguments + ["--socket", socket])
    }

    /// What `doctor` finds, with the exit code it must have for that.
    public func doctor(_ arguments: String...) throws -> DoctorReply {
        let result = try Command.result(
            [executable, "doctor", "--json", "--socket", socket] + arguments)
        let reply = try decode(DoctorReply.self, result.output)
        let count = reply.checks.reduce(0) { $0 + $1.findings.count }
        guard result.status == (count > 0 ? 1 : 0) else {
            throw LabError("doctor ended with \(result.status): \(result.output)")
        }
        return reply
    }

    /// Starts a command of the command line that runs until it is ended, or until the lab goes.
    public func start(_ command: String, _ arguments: [String]) throws -> RunningProcess {
        try lab.start(command, [executable, command] + arguments + ["--socket", socket])
    }

    /// Starts `gatewatch events --follow`, which ends with the lab.
    public func followEvents() throws -> RunningProcess {
        try lab.start("events", [executable, "events", "--follow", "--json", "--socket", socket])
    }

    /// The sessions.
    public func status() throws -> StatusReply {
        try decode(StatusReply.self, command("status", "--json"))
    }

    /// The session with the peer of a name.
    public func session(_ name: String) throws -> StatusReply.Session {
        guard let session = try status().sessions.first(where: { $0.name == name }) else {
            throw LabError("status shows no session \(name)")
        }
        return session
    }

    /// The routes.
    public func routes() throws -> RoutesReply {
        try decode(RoutesReply.self, command("routes", "--json"))
    }

    /// The events it remembers, oldest first.
    public func events() throws -> [EventLine] {
        try events(in: command("events", "--json"))
    }

    /// The events in what `events` printed; a last line that is still being written is left out.
    public func events(in output: String) throws -> [EventLine] {
        guard let end = output.lastIndex(of: "\n") else { return [] }
        return try output[..<end].split(separator: "\n").map {
            try decode(EventLine.self, String($0))
        }
    }

    private func decode<Reply: Decodable>(_ type: Reply.Type, _ text: String) throws -> Reply {
        do {
            return try JSONDecoder().decode(type, from: Data(text.utf8))
        } catch {
            throw LabError("\(error) in \(text)")
        }
    }
}
