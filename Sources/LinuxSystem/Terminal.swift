internal import CLinux
internal import Glibc

/// The terminal of a command that draws on all of it, back as it was when this value goes.
///
/// It is put back also when the process traps or is ended by a signal that can be caught.
public struct Terminal: ~Copyable {
    /// What a wait ended with.
    public enum Input: Sendable, Hashable {
        /// Octets of keys.
        case octets([UInt8])
        /// The time is over, or a signal came.
        case nothing
        /// The terminal is gone.
        case closed
    }

    private init() {}

    deinit {
        gw_terminal_leave()
    }

    /// Whether both standard input and standard output are terminals.
    public static var isInteractive: Bool {
        isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1
    }

    /// Whether standard error is a terminal.
    public static var showsErrors: Bool { isatty(STDERR_FILENO) == 1 }

    /// Rows and columns behind standard output; `nil` where that is no terminal.
    public static var size: (rows: Int, columns: Int)? {
        var (rows, columns): (Int32, Int32) = (0, 0)
        guard unsafe gw_terminal_size(&rows, &columns) == 0, rows > 0, columns > 0 else {
            return nil
        }
        return (Int(rows), Int(columns))
    }

    /// Takes the whole screen, and keys as they are pressed.
    public static func entered() throws(SystemError) -> Terminal {
        try SystemError.check(gw_terminal_enter(), "terminal settings")
        return Terminal()
    }

    /// Waits for keys; ends early when the window changes its size, or a signal came.
    public func wait(milliseconds: Int32) -> Input {
        var watched = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        guard unsafe poll(&watched, 1, milliseconds) > 0 else { return .nothing }
        var octets = [UInt8](repeating: 0, count: 256)
        let count = unsafe octets.withUnsafeMutableBytes { bytes in
            unsafe Glibc.read(STDIN_FILENO, bytes.baseAddress, bytes.count)
        }
        if count > 0 { return .octets(Array(octets[..<count])) }
        return count < 0 && errno == EINTR ? .nothing : .closed
    }
}

/// Requests to end, by SIGINT, SIGTERM and SIGHUP.
public enum StopSignals {
    /// From now on these signals are counted, and end the process no more.
    public static func watch() {
        gw_stop_on_signals()
    }

    /// How many have come.
    public static var count: Int { Int(gw_stop_count()) }
}
