internal import Foundation
internal import LinuxSystem

/// Standard output and standard error, written at once and without a SIGPIPE.
enum StandardStreams {
    /// Nobody reads any more, as after `gatewatch events | head -1`: no reason to complain.
    struct OutputClosed: Error {}

    /// Makes a write to a closed pipe an error instead of a signal. To be called before any write.
    static func ignoreBrokenPipes() {
        _ = signal(SIGPIPE, SIG_IGN)
    }

    /// Writes lines to standard output.
    static func print(_ text: String) throws {
        try write(text + "\n")
    }

    /// Writes to standard output.
    static func write(_ text: String) throws {
        do {
            try FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
        } catch {
            let cause = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
            let code = Int32((cause ?? error as NSError).code)
            guard code != EPIPE else { throw OutputClosed() }
            throw CommandError(
                "standard output cannot be written: \(Errno(rawValue: code))",
                nextStep: "Send the output elsewhere.")
        }
    }

    /// Puts a line in the place of the last one on the terminal behind standard error.
    static func printProgress(_ text: String) {
        try? FileHandle.standardError.write(contentsOf: Data("\r\u{1b}[K\(text)".utf8))
    }

    /// Writes lines to standard error, where nobody may be reading either.
    static func printError(_ text: String) {
        try? FileHandle.standardError.write(contentsOf: Data((text + "\n").utf8))
    }
}
