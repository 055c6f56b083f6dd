internal import Foundation
internal import LinuxSystem

/// Draws frames, and waits between them.
struct TopScreen {
    /// Between two looks, in milliseconds.
    let pause: Int32
    /// Whether the terminal can be drawn on.
    let canDraw: Bool
    private let hasColour: Bool

    init(pause: Int32, terminal environment: [String: String]) {
        self.pause = pause
        let kind = environment["TERM"] ?? ""
        canDraw = !kind.isEmpty && kind != "dumb"
        hasColour = (environment["NO_COLOR"] ?? "").isEmpty
    }

    /// Waits until the next look, or until a signal comes.
    func sleep() {
        let end = Clock.monotonicNanoseconds() + Int64(pause) * 1_000_000
        while StopSignals.count == 0 {
            let left = end - Clock.monotonicNanoseconds()
            guard left > 0 else { return }
            usleep(UInt32(min(left / 1_000 + 1, 50_000)))
        }
    }

    /// The frame of the latest sample, for a screen of a size or for none.
    func frame(
        _ source: TopSource, _ latest: (sample: TopSample, change: TopChange),
        _ size: (rows: Int, columns: Int)?
    ) -> TopFrame {
        TopFrame(
            sample: latest.sample, change: latest.change, events: source.events,
            trouble: source.trouble, rows: size?.rows,
            columns: size?.columns ?? TextTable.maximumWidth)
    }

    /// Takes the terminal until somebody has seen enough.
    func show(_ source: TopSource, _ view: inout TopView) throws {
        let terminal = try Terminal.entered()
        var next = Clock.monotonicNanoseconds()
        while StopSignals.count == 0 {
            if Clock.monotonicNanoseconds() >= next {
                try source.refresh()
                next = Clock.monotonicNanoseconds() + Int64(pause) * 1_000_000
            }
            try draw(source, &view)
            let left = max(next - Clock.monotonicNanoseconds(), 0)
            switch terminal.wait(milliseconds: Int32(left / 1_000_000) + 1) {
            case .octets(let octets):
                for key in TopKey.keys(octets) where !view.press(key) { return }
            case .nothing: break
            case .closed: return
            }
        }
    }

    private func draw(_ source: TopSource, _ view: inout TopView) throws {
        guard let latest = source.latest else { return }
        let size = Terminal.size ?? (rows: 24, columns: 80)
        let lines = frame(source, latest, size).lines(&view)
        // From the corner, each line over the last one's, and nothing behind. What fills a line
        // leaves the cursor on its last character, which clearing would take away.
        let text = lines.map { line in
            let rest = line.text.count < size.columns ? "\u{1b}[K" : ""
            return line.sequence(inColour: hasColour) + rest
        }
        try StandardStreams.write("\u{1b}[H" + text.joined(separator: "\r\n"))
    }
}
