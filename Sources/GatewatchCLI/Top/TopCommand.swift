internal import ArgumentParser
internal import ControlProtocol
internal import Daemon
internal import Foundation
internal import LinuxSystem

/// `gatewatch top`.
struct TopCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "top",
        abstract: "Watch sessions, packets, lateness and routes live.",
        usage: "gatewatch top [<options>]",
        discussion: """
            Looks twice a second. Sessions that are not up come first; "late by" is how late \
            periodic packets left since the last look. Press ? for the keys.

            Without a terminal, or with --iterations or --json, frames are printed one after \
            another, with all sessions. NO_COLOR and TERM are respected.

            Examples:
              gatewatch top
              gatewatch top --iterations 1
              gatewatch top --json --interval 10s | jq '."packets-per-second"'
            """)

    @Option(help: ArgumentHelp("Print so many frames, and end.", valueName: "number"))
    var iterations: Int?

    @Option(help: ArgumentHelp("How long between two looks.", valueName: "duration"))
    var interval = "500ms"

    @Option(
        help: ArgumentHelp(
            "The order of sessions: problems, name, rate or change.", valueName: "order"))
    var sort = TopView.Order.problems

    @OptionGroup var control: ControlOptions

    func validate() throws {
        _ = try pause()
        if let iterations, iterations < 1 { throw ValidationError("--iterations is 1 or more.") }
    }

    func run() throws {
        StopSignals.watch()
        try withOutput {
            let source = TopSource(control)
            try source.refresh()
            let screen = TopScreen(
                pause: try pause(), terminal: ProcessInfo.processInfo.environment)
            var view = TopView()
            view.order = sort
            if Terminal.isInteractive, screen.canDraw, iterations == nil, !control.json {
                try screen.show(source, &view)
            } else {
                try print(source, screen, &view)
            }
        }
    }

    private func print(_ source: TopSource, _ screen: TopScreen, _ view: inout TopView) throws {
        var count = 0
        while StopSignals.count == 0, let latest = source.latest {
            if control.json {
                let report = TopReport(
                    latest.sample, latest.change, view.sessions(latest.sample, latest.change),
                    events: source.newEvents, trouble: source.trouble)
                let line = String(
                    decoding: try ControlCoding.line(report).dropLast(), as: UTF8.self)
                try StandardStreams.print(line)
            } else {
                let lines = screen.frame(source, latest, nil).lines(&view)
                try StandardStreams.print(lines.map(\.text).joined(separator: "\n") + "\n")
            }
            count += 1
            if let iterations, count >= iterations { return }
            screen.sleep()
            if StopSignals.count == 0 { try source.refresh() }
        }
    }

    /// In milliseconds.
    private func pause() throws -> Int32 {
        do throws(DurationReader.Mistake) {
            let microseconds = try DurationReader.microseconds(interval)
            if (100_000...3_600_000_000).contains(microseconds) {
                return Int32(microseconds / 1_000)
            }
        } catch {
            throw ValidationError("--interval \(error.message)")
        }
        throw ValidationError("--interval is 100ms to 3600s.")
    }
}

extension TopView.Order: ExpressibleByArgument {}
