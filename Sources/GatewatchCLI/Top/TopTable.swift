internal import ControlProtocol

/// The sessions of a frame.
struct TopTable {
    let sample: TopSample
    let change: TopChange
    let columns: Int

    /// Something to say of each session.
    private struct Field {
        let column: TextTable.Column
        /// On how wide a screen it has room.
        let from: Int
        let text: (SessionStatus) -> String
    }

    /// The titles and some of the sessions; columns are as wide as all sessions need.
    func lines(_ sessions: [SessionStatus], _ scroll: Int, _ count: Int) -> [TopLine] {
        guard !sessions.isEmpty else { return [TopLine("no session", .faint)] }
        let fields = fields.filter { $0.from <= columns }
        var table = TextTable(fields.map(\.column), maximumWidth: columns)
        for session in sessions { table.add(fields.map { $0.text(session) }) }
        let lines = table.lines(scroll..<min(scroll + count, sessions.count))
        let rows = zip(sessions.dropFirst(scroll), lines.dropFirst()).map { session, text in
            TopLine(text, style(session))
        }
        return [TopLine(lines[0], .title)] + rows
    }

    private var fields: [Field] {
        [
            Field(column: .flexible("PEER", minimumWidth: 10), from: 0) { $0.name },
            Field(column: .flexible("ADDRESS", minimumWidth: 9), from: 70) { session in
                session.interface.map { "\(session.destinationAddress)%\($0)" }
                    ?? session.destinationAddress
            },
            Field(column: .fixed("STATE"), from: 0) { $0.running.localState.rawValue },
            Field(column: .fixed("SINCE"), from: 40) { session in
                let age = sample.time.microseconds - session.lastChange.microseconds
                return DurationText.age(seconds: max(0, age / 1_000_000))
            },
            Field(column: .fixed("TX/S"), from: 56) { rate($0, \.sent) },
            Field(column: .fixed("RX/S"), from: 56) { rate($0, \.received) },
            Field(column: .fixed("DETECTION"), from: 84) { session in
                let time = session.running.detectionTimeMicroseconds
                return time == 0 ? "-" : DurationText.exact(microseconds: time)
            },
            Field(column: .flexible("ROUTES", minimumWidth: 9), from: 100) { session in
                session.routes.isEmpty ? "-" : session.routes.joined(separator: " ")
            },
            Field(column: .flexible("LAST CAUSE", minimumWidth: 10), from: 64) { session in
                session.lastCause ?? "-"
            },
        ]
    }

    private func rate(_ session: SessionStatus, _ path: KeyPath<TopRate, Double>) -> String {
        change.rates[session.name].map { TopFrame.rate($0[keyPath: path]) } ?? "-"
    }

    private func style(_ session: SessionStatus) -> TopLine.Style {
        switch TopProblem(session, change) {
        case .down: .bad
        case .initializing, .troubled: .doubtful
        case .administrativelyDown: .faint
        case .fine: .plain
        }
    }
}
