public import Foundation
internal import LinuxSystem

/// A process of a lab that runs until it is ended, with its output in a file.
///
/// A lab ends what is still running when it goes.
public final class RunningProcess {
    /// The file with everything it wrote.
    public let log: URL
    private let process: Process

    init(_ arguments: [String], in namespace: Namespace?, log: URL) throws {
        self.log = log
        process = try Command.prepared(arguments, in: namespace)
        let writer = try Command.writer(to: log.path)
        defer { try? writer.close() }
        process.standardOutput = writer
        process.standardError = writer
        try Command.launch(process)
    }

    /// Its process id, which is the command's own.
    public var identifier: Int32 { process.processIdentifier }

    /// Whether it has not ended yet.
    public var isRunning: Bool { process.isRunning }

    /// What it has written so far.
    public var output: String {
        (try? String(contentsOf: log, encoding: .utf8)) ?? ""
    }

    /// Sends a signal, and returns the wall-clock time just before, in nanoseconds.
    @discardableResult
    public func signal(_ number: Int32) -> Int64 {
        let now = Clock.realtimeNanoseconds()
        if process.isRunning { kill(process.processIdentifier, number) }
        return now
    }

    /// Waits for its end; the exit status, or the negated signal number.
    @discardableResult
    public func waitForEnd(within seconds: Double = 60) async throws -> Int32 {
        try await eventually("process \(identifier) ends", within: seconds) {
            !self.process.isRunning
        }
        let status = process.terminationStatus
        return process.terminationReason == .uncaughtSignal ? -status : status
    }

    /// Ends it without asking, and returns the time just before.
    @discardableResult
    public func kill9() async throws -> Int64 {
        let time = signal(SIGKILL)
        try await waitForEnd()
        return time
    }

    /// Ends it at once and waits, when there is no time for anything else.
    func end() {
        guard process.isRunning else { return }
        kill(process.processIdentifier, SIGKILL)
        while process.isRunning { usleep(1000) }
    }
}
