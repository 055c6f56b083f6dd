internal import ControlProtocol
internal import LinuxSystem

/// What became of a capture.
struct CaptureSummary: Encodable, Equatable {
    /// Where it went.
    var file: String
    /// Its octets.
    var octets = 0
    /// Packets in it.
    var packets: UInt64 = 0
    /// Those that came.
    var received: UInt64 = 0
    /// Those that went, or should have.
    var sent: UInt64 = 0
    /// Those that came and were discarded.
    var discarded: UInt64 = 0
    /// Those that were lost on the way here.
    var dropped: UInt64 = 0
    /// For how long, in seconds.
    var seconds: Double = 0
}

/// A capture on its way from the daemon to a file.
final class CaptureSession {
    /// What an interface of the file had.
    private struct Interface {
        var count: UInt64 = 0
        var dropCount: UInt64 = 0
    }

    private static let progressInterval: Int64 = 500_000_000

    private let maximumCount: UInt64
    private let start = Clock.monotonicNanoseconds()
    private var limit: CaptureLimit
    private let showsProgress: Bool
    private var nextProgress: Int64 = 0
    private var reader = PcapngReader()
    private var output: OutputFile?
    private var interfaces: [Interface] = []
    private var summary = CaptureSummary(file: "")

    init(count: UInt64?, nanoseconds: Int64?, showsProgress: Bool) {
        maximumCount = count ?? .max
        limit = CaptureLimit(nanoseconds: nanoseconds, from: start)
        self.showsProgress = showsProgress
    }

    /// Whether there is a file, or standard output is used.
    private(set) var isOpen = false
    private var isFile = false

    /// Makes the file, once: only when the daemon has agreed, so that a wrong name costs no file.
    func open(_ path: String) throws {
        guard !isOpen else { return }
        do throws(SystemError) {
            output = try path == "-" ? .standardOutput() : .created(at: path)
        } catch {
            throw CommandError(
                "\(path) cannot be written: \(error.errno)",
                nextStep: "Name a file in a folder that exists and can be written.")
        }
        isOpen = true
        isFile = path != "-"
    }

    /// Takes what has come, if anything; whether there may be more.
    func take(_ octets: [UInt8]) throws -> Bool {
        var kept: [[UInt8]] = []
        var isOver = StopSignals.count > 1
        let now = CaptureLimit.Moment(
            monotonic: Clock.monotonicNanoseconds(), realtime: Clock.realtimeNanoseconds())
        limit.look(at: now, isStopped: StopSignals.count > 0)
        do throws(PcapngReader.Misunderstood) {
            for block in try reader.take(octets) where !isOver {
                if keep(block) { kept.append(block.octets) } else { isOver = true }
            }
        } catch {
            throw CommandError(
                "the packets of the daemon cannot be understood",
                nextStep: "Use the gatewatch command of the daemon's version.")
        }
        try write(kept)
        tellProgress(at: now.monotonic)
        if summary.packets >= maximumCount { isOver = true }
        return !isOver && !limit.isOver(at: now)
    }

    /// Counts a block; false behind the end: packets come in the order of time.
    private func keep(_ block: PcapngReader.Block) -> Bool {
        switch block.kind {
        case .section, .other: return true
        case .interface:
            interfaces.append(Interface())
            return true
        case .packet:
            guard limit.includes(realtime: block.realtimeNanoseconds) else { return false }
            guard summary.packets < maximumCount else { return false }
            summary.packets += 1
            summary.dropped += block.dropCount
            if block.isInbound { summary.received += 1 } else { summary.sent += 1 }
            if block.comment?.hasPrefix("discarded") == true { summary.discarded += 1 }
            if interfaces.indices.contains(block.interface) {
                interfaces[block.interface].count += 1
                interfaces[block.interface].dropCount += block.dropCount
            }
            return true
        }
    }

    /// Writes what stands at the end of a file.
    func finish() throws {
        tellProgress(at: .max)
        var file = PcapngWriter()
        for (number, interface) in interfaces.enumerated() {
            file.addStatistics(
                interface: number, realtimeNanoseconds: Clock.realtimeNanoseconds(),
                receivedCount: interface.count, dropCount: interface.dropCount)
        }
        try write([file.octets])
    }

    /// What there is to say of it.
    func summary(_ path: String) -> CaptureSummary {
        var whole = summary
        whole.file = path
        whole.octets = output?.byteCount ?? 0
        whole.seconds = Double((Clock.monotonicNanoseconds() - start) / 1_000_000) / 1_000
        return whole
    }

    private func write(_ blocks: [[UInt8]]) throws {
        do throws(SystemError) {
            try output?.write(blocks.flatMap(\.self))
        } catch {
            if isFile { writeWhatFits(blocks) }
            if error.errno == .brokenPipe { throw StandardStreams.OutputClosed() }
            throw CommandError(
                "the capture cannot be written: \(error.errno)",
                nextStep: "Make room, or write it elsewhere; what is in the file is complete "
                    + "(\(output?.byteCount ?? 0) octets).")
        }
    }

    /// Fills the rest of a disk with whole blocks.
    private func writeWhatFits(_ blocks: [[UInt8]]) {
        do throws(SystemError) {
            for block in blocks { try output?.write(block) }
        } catch {
            // The caller has been told why already.
        }
    }

    /// Keeps one line on the terminal up to date; the last time clears it.
    private func tellProgress(at now: Int64) {
        guard showsProgress, now >= nextProgress else { return }
        let isLast = now == .max
        nextProgress = isLast ? now : now + Self.progressInterval
        StandardStreams.printProgress(isLast ? "" : CaptureText.counts(summary))
    }
}

/// Captures as people read of them.
enum CaptureText {
    static func counts(_ summary: CaptureSummary) -> String {
        "\(summary.packets) packets, \(summary.discarded) discarded, \(summary.dropped) dropped"
    }

    static func line(_ summary: CaptureSummary) -> String {
        let place = summary.file == "-" ? "" : " in \(summary.file)"
        return
            "\(summary.packets) packets\(place): \(summary.received) received "
            + "(\(summary.discarded) discarded), \(summary.sent) sent, \(summary.dropped) "
            + "dropped; \(summary.octets) octets in \(summary.seconds) s"
    }
}
