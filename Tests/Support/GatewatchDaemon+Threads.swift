internal import Foundation

extension GatewatchDaemon {
    /// Stops one thread of a process, and no other, for as long as this runs.
    private static let holder = """
        import ctypes, os, sys, time
        libc = ctypes.CDLL(None, use_errno=True)
        libc.ptrace.argtypes = [ctypes.c_long] * 4
        thread = int(sys.argv[1])
        if libc.ptrace(0x4206, thread, 0, 0) or libc.ptrace(0x4207, thread, 0, 0):
            sys.exit(os.strerror(ctypes.get_errno()))
        os.waitpid(thread, 0x40000000)
        time.sleep(600)
        """

    private var tasks: String { "/proc/\(processIdentifier)/task" }

    /// The number of a thread, as text.
    public func thread(named name: String) throws -> String {
        let found = try FileManager.default.contentsOfDirectory(atPath: tasks).first {
            try String(contentsOfFile: "\(tasks)/\($0)/comm", encoding: .utf8) == "\(name)\n"
        }
        guard let found else { throw LabError("no thread \(name)") }
        return found
    }

    /// Has one of its threads stand still until the process that is returned ends.
    public func hold(threadNamed name: String, in lab: Lab) async throws -> RunningProcess {
        let found = try thread(named: name)
        let process = try lab.start("holder", ["python3", "-c", Self.holder, found])
        try await eventually("the thread stands still") {
            guard process.isRunning else { throw LabError("nothing is held: \(process.output)") }
            return try String(contentsOfFile: "\(tasks)/\(found)/status", encoding: .utf8)
                .contains("State:\tt")
        }
        return process
    }
}
