internal import Foundation

/// What a finished command left behind.
public struct CommandResult: Sendable {
    /// The exit status, or the negated signal number that ended it.
    public let status: Int32
    /// What it wrote to standard output.
    public let output: String
    /// What it wrote to standard error.
    public let errors: String
}

/// Commands that run to their end while the caller waits.
public enum Command {
    /// Runs `arguments` and returns what came of it, whatever the exit status.
    public static func result(
        _ arguments: [String], in namespace: Namespace? = nil
    ) throws -> CommandResult {
        // Files instead of pipes: a daemon started meanwhile would inherit a pipe and hold it open.
        let (output, errors) = (try namelessFile(), try namelessFile())
        defer { [output, errors].forEach { try? $0.close() } }
        let process = try prepared(arguments, in: namespace)
        process.standardOutput = output
        process.standardError = errors
        // Foundation's own waiting looks every 50 ms only.
        let ended = DispatchSemaphore(value: 0)
        process.terminationHandler = { _ in ended.signal() }
        try launch(process)
        ended.wait()
        let signalled = process.terminationReason == .uncaughtSignal
        return CommandResult(
            status: signalled ? -process.terminationStatus : process.terminationStatus,
            output: try text(of: output), errors: try text(of: errors))
    }

    /// Runs `arguments` and returns their output.
    ///
    /// Throws what the command wrote to standard error when it did not succeed.
    @discardableResult
    public static func run(
        _ arguments: [String], in namespace: Namespace? = nil
    ) throws -> String {
        let result = try result(arguments, in: namespace)
        guard result.status == 0 else {
            let command = arguments.joined(separator: " ")
            throw LabError(
                "\(command) ended with \(result.status): \(result.output)\(result.errors)")
        }
        return result.output
    }

    /// A process that is ready to run, inside `namespace` when there is one.
    static func prepared(_ arguments: [String], in namespace: Namespace?) throws -> Process {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        // nsenter and env replace themselves, so the process id is the one of the command.
        let entering = namespace.map { ["nsenter", "--net=\($0.path)"] } ?? []
        process.arguments = entering + arguments
        var environment = ProcessInfo.processInfo.environment
        environment["PATH"] = (environment["PATH"] ?? "") + ":/usr/sbin:/usr/bin:/sbin:/bin"
        environment["LC_ALL"] = "C"
        environment["TZ"] = "UTC"
        process.environment = environment
        process.standardInput = FileHandle.nullDevice
        return process
    }

    /// Starts a prepared process with no signal blocked.
    ///
    /// Swift's own threads block signals, and a process inherits the mask of the thread that
    /// starts it: it would never hear SIGTERM.
    static func launch(_ process: Process) throws {
        var none = sigset_t()
        var previous = sigset_t()
        unsafe sigemptyset(&none)
        unsafe pthread_sigmask(SIG_SETMASK, &none, &previous)
        defer { unsafe pthread_sigmask(SIG_SETMASK, &previous, nil) }
        try process.run()
    }

    /// A file that goes with its last descriptor, whatever becomes of this process.
    private static func namelessFile() throws -> FileHandle {
        let path = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
        guard FileManager.default.createFile(atPath: path, contents: nil),
            let handle = FileHandle(forUpdatingAtPath: path)
        else {
            throw LabError("cannot write \(path)")
        }
        try FileManager.default.removeItem(atPath: path)
        return handle
    }

    private static func text(of file: FileHandle) throws -> String {
        try file.seek(toOffset: 0)
        return String(decoding: try file.readToEnd() ?? Data(), as: UTF8.self)
    }

    static func writer(to path: String) throws -> FileHandle {
        guard FileManager.default.createFile(atPath: path, contents: nil),
            let handle = FileHandle(forWritingAtPath: path)
        else {
            throw LabError("cannot write \(path)")
        }
        return handle
    }
}
