internal import ArgumentParser
internal import ControlProtocol
internal import Daemon
internal import LinuxSystem

/// `gatewatch capture`.
struct CaptureCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "capture",
        abstract: "Write the BFD packets of sessions to a file that Wireshark and tshark read.",
        usage: "gatewatch capture -w <file> [<options>] [<peers> ...]",
        discussion: """
            Packets are taken where the engine sends and judges them: each says in a comment \
            whose session it belongs to and in which state that is then, or why it was \
            discarded. IP and UDP headers are written anew from what the kernel tells of them; \
            what it does not tell is zero, such as the traffic class of what comes in. Of a \
            payload the first 64 octets are kept. The format is pcapng, times are nanoseconds.

            Nothing waits for a capture. What is not read in time is counted as dropped, and the \
            kernel drops most of a flood of packets that no session can accept, before they are \
            counted anywhere. An existing file is overwritten. Ctrl-C ends the capture; the file \
            is complete then.

            Examples:
              gatewatch capture -w all.pcapng
              gatewatch capture -w tor-a.pcapng --duration 10s tor-a
              gatewatch capture -w - | tshark -r - -T fields -e frame.comment
            """)

    /// A year, in microseconds.
    private static let longest: Int64 = 31_536_000_000_000

    @Option(
        name: [.customShort("w"), .customLong("write")],
        help: ArgumentHelp("Where to; - is standard output.", valueName: "file"))
    var file: String

    @Option(help: ArgumentHelp("End after so many packets.", valueName: "number"))
    var count: UInt64?

    @Option(help: ArgumentHelp("End after this time, such as 10s.", valueName: "duration"))
    var duration: String?

    @Argument(help: "The names of peers; all packets without any.")
    var peers: [String] = []

    @OptionGroup var control: ControlOptions

    func validate() throws {
        _ = try durationNanoseconds()
        if count == 0 { throw ValidationError("--count is 1 or more.") }
    }

    func run() throws {
        StopSignals.watch()
        try withOutput {
            let client = try ControlClient.connected(to: control.socket)
            let session = CaptureSession(
                count: count, nanoseconds: try durationNanoseconds(),
                showsProgress: Terminal.showsErrors)
            do {
                try client.capture(peers: peers) { octets in
                    try session.open(file)
                    return try session.take(octets)
                }
            } catch let error as CommandError {
                if session.isOpen {
                    try session.finish()
                    try tell(session)
                }
                throw error
            }
            try session.finish()
            try tell(session)
        }
    }

    private func tell(_ session: CaptureSession) throws {
        let summary = session.summary(file)
        guard control.json else { return StandardStreams.printError(CaptureText.line(summary)) }
        let text = try ControlCoding.text(summary)
        if file == "-" {
            StandardStreams.printError(text)
        } else {
            try StandardStreams.print(text)
        }
    }

    private func durationNanoseconds() throws -> Int64? {
        guard let duration else { return nil }
        do throws(DurationReader.Mistake) {
            let microseconds = try DurationReader.microseconds(duration)
            if (1...Self.longest).contains(microseconds) { return microseconds * 1_000 }
        } catch {
            throw ValidationError("--duration \(error.message)")
        }
        throw ValidationError("--duration is more than nothing, and less than a year.")
    }
}
