internal import ArgumentParser
internal import ControlProtocol
internal import Daemon
internal import Glibc
internal import LinuxSystem

/// `gatewatch drain`.
struct DrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drain",
        abstract: "Take this node out of service, and wait until its peers have moved.",
        discussion: """
            Routes are withdrawn first, then every peer is told AdminDown, which it does not take \
            for a failure of the path. The command ends when every peer has said that it is down \
            too, or its detection time is over; peers with "profile: ovn" get six seconds, since \
            OVN's routes follow late. The node stays drained until "gatewatch undrain", or until \
            the daemon is started again.

            Exits 1 when peers have not moved in time; the node is drained all the same.

            Examples:
              gatewatch drain && systemctl stop gatewatch
              gatewatch drain --timeout 2s
              gatewatch undrain
            """)

    @Option(help: ArgumentHelp("How long to wait for the peers.", valueName: "duration"))
    var timeout = "30s"

    @OptionGroup var control: ControlOptions

    func validate() throws {
        _ = try timeoutNanoseconds()
    }

    func run() throws {
        try withOutput {
            let start = Clock.monotonicNanoseconds()
            let end = start + (try timeoutNanoseconds())
            var report = try ask(.drain)
            var hasChanged = report.hasChanged
            var nextProgress = start + 2_000_000_000
            while !report.isOver, Clock.monotonicNanoseconds() < end {
                usleep(50_000)
                report = try ask(.drainProgress)
                hasChanged = hasChanged || report.hasChanged
                guard Clock.monotonicNanoseconds() >= nextProgress else { continue }
                nextProgress += 2_000_000_000
                StandardStreams.printError(DrainText.progress(report))
            }
            report.hasChanged = hasChanged
            if control.json {
                try StandardStreams.print(ControlCoding.text(report))
            } else if report.isOver {
                let seconds = Double((Clock.monotonicNanoseconds() - start) / 1_000_000) / 1_000
                try StandardStreams.print(DrainText.drained(report, after: seconds))
            }
            guard report.isOver else {
                throw CommandError(
                    "drained, but \(DrainText.progress(report)) after \(timeout)",
                    nextStep: "Look at them with \"gatewatch status PEER\", or take the node back "
                        + "with \"gatewatch undrain\".")
            }
        }
    }

    private func ask(_ request: Request) throws -> DrainReport {
        guard case .drain(let report) = try control.ask(request) else {
            throw control.unexpected()
        }
        return report
    }

    private func timeoutNanoseconds() throws -> Int64 {
        do throws(DurationReader.Mistake) {
            let microseconds = try DurationReader.microseconds(timeout)
            if (0...86_400_000_000).contains(microseconds) { return microseconds * 1_000 }
        } catch {
            throw ValidationError("--timeout \(error.message)")
        }
        throw ValidationError("--timeout is 0s to 86400s.")
    }
}

/// `gatewatch undrain`.
struct UndrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "undrain",
        abstract: "Take a drained node back into service.",
        discussion: """
            Sessions come up and routes follow them; peers that were disabled before the drain \
            stay disabled.

            Example:
              gatewatch undrain
            """)

    @OptionGroup var control: ControlOptions

    func run() throws {
        try withOutput {
            guard case .drain(let report) = try control.ask(.undrain) else {
                throw control.unexpected()
            }
            try StandardStreams.print(
                control.json ? try ControlCoding.text(report) : DrainText.undrained(report))
        }
    }
}

/// What became of a node, as people read it.
enum DrainText {
    static func progress(_ report: DrainReport) -> String {
        let shown = report.waiting.prefix(5).map { peer in
            let seconds = Double((peer.remainingMilliseconds + 99) / 100) / 10
            return "\(peer.name) (\(peer.remoteState.rawValue), at most \(seconds) s)"
        }
        let more = report.peerCount - report.movedCount - shown.count
        let others = more > 0 ? " and \(more) more" : ""
        return "\(report.movedCount) of \(report.peerCount) peers have moved, not "
            + "\(shown.joined(separator: ", "))\(others)"
    }

    static func drained(_ report: DrainReport, after seconds: Double) -> String {
        guard report.hasChanged else { return "The node was drained already." }
        guard report.peerCount > 0 else { return "Drained; there was no peer to tell." }
        let peers = "\(report.peerCount) peer\(report.peerCount == 1 ? "" : "s")"
        return "Drained: \(peers) moved after \(seconds) s."
    }

    static func undrained(_ report: DrainReport) -> String {
        report.hasChanged
            ? "The node is in service again." : "The node was in service already."
    }
}
