internal import ControlProtocol

/// One picture of how things stand, as lines.
struct TopFrame {
    var sample: TopSample
    var change: TopChange
    /// The latest events, the oldest first.
    var events: [EventRecord] = []
    /// Why the daemon does not answer; nil while it does.
    var trouble: String?
    /// Rows of the screen; nil for as many as it takes.
    var rows: Int?
    var columns: Int

    /// The lines, exactly as many as there are rows, and no wider than the screen.
    func lines(_ view: inout TopView) -> [TopLine] {
        var lines = head
        let sessions = view.sessions(sample, change)
        var tail = eventLines
        let free = (rows ?? .max / 2) - 1
        if free - lines.count - tail.count < 4 { tail = [] }
        if free - lines.count < 4 { lines = Array(lines.prefix(2)) }
        let room = max(free - lines.count - tail.count, 0)
        view.pageLength = max(room - 1, 1)
        view.scroll = min(view.scroll, max(sessions.count - view.pageLength, 0))
        let table =
            view.isHelpShown ? Self.help : self.table(sessions, view.scroll, view.pageLength)
        lines += table.prefix(room)
        if rows != nil {
            lines += Array(repeating: TopLine(""), count: max(room - table.count, 0))
        }
        lines += tail
        if rows != nil { lines.append(foot(view, sessions.count)) }
        if let rows { lines = Array(lines.prefix(rows)) }
        return lines.map { $0.fitted(to: columns) }
    }

    private var head: [TopLine] {
        let summary = sample.status.summary
        let counts =
            "sessions  \(summary.sessionCount): \(summary.upCount) up, \(summary.downCount) down, "
            + "\(summary.administrativelyDownCount) administratively down"
            + (sample.status.isDrained == true ? "; the node is drained" : "")
        let isWell = summary.upCount == summary.sessionCount
        var lines = [titleLine, TopLine(counts, isWell ? .plain : .bad)]
        if let trouble {
            lines[1] = TopLine("no answer: \(trouble); trying again", .bad)
        }
        lines += [packetLine, latenessLine] + routeLines + [TopLine("")]
        return lines
    }

    private var titleLine: TopLine {
        let seconds = sample.time.microseconds - sample.version.startTime.microseconds
        let age = DurationText.age(seconds: max(0, seconds / 1_000_000))
        let place = sample.version.namespace.map { " in \($0)" } ?? ""
        let left = "gatewatch \(sample.version.version)\(place), running for \(age)"
        let clock = sample.time.description.dropFirst(11).prefix(8) + "Z"
        let gap = max(columns - left.count - clock.count, 2)
        return TopLine(left + String(repeating: " ", count: gap) + clock, .bar)
    }

    private var packetLine: TopLine {
        let total = change.total
        guard change.span > 0 else { return TopLine("packets   -") }
        let isWell = total.discarded + total.failed + change.lostRate == 0
        let failed = total.failed > 0 ? ", \(Self.rate(total.failed))/s not sent" : ""
        let lost = change.lostRate > 0 ? ", \(Self.rate(change.lostRate))/s lost" : ""
        return TopLine(
            "packets   \(Self.rate(total.sent))/s sent, \(Self.rate(total.received))/s received, "
                + "\(Self.rate(total.discarded))/s discarded" + failed + lost,
            isWell ? .plain : .doubtful)
    }

    private var latenessLine: TopLine {
        guard let lateness = change.lateness else { return TopLine("late by   -") }
        let since = change.span > 0 ? "" : " since the start"
        return TopLine(
            "late by   at most \(PunctualityText.span(lateness.median)) (p50), "
                + "\(PunctualityText.span(lateness.percentile99)) (p99), "
                + "\(PunctualityText.span(lateness.maximum)) (max)\(since)")
    }

    /// What is wrong first, in as many lines as there is room for.
    private var routeLines: [TopLine] {
        let routes = sample.routes.filter { $0.state != .installed }
        let all = routes + sample.routes.filter { $0.state == .installed }
        let room = rows.map { $0 < 30 ? 2 : 5 } ?? .max
        var lines = all.prefix(room).map { route in
            let there = route.nextHops.count(where: \.isInstalled)
            let table = route.table == 254 ? "" : " table \(route.table)"
            let error = route.error.map { ": \($0)" } ?? ""
            return TopLine(
                "route     \(route.prefix)\(table) \(route.state.rawValue), "
                    + "\(there) of \(route.nextHops.count) next hops\(error)",
                Self.style(of: route.state))
        }
        if all.count > lines.count {
            let rest = all.count - lines.count + 1
            let troubled = all.dropFirst(lines.count - 1).count { $0.state != .installed }
            lines[lines.count - 1] = TopLine(
                "route     \(rest) more, \(troubled) of them not as configured",
                troubled > 0 ? .doubtful : .plain)
        }
        return lines
    }

    private static func style(of state: RouteStateName) -> TopLine.Style {
        switch state {
        case .installed: .plain
        case .partial: .doubtful
        case .withdrawn, .blackhole, .conflict, .error: .bad
        }
    }

    private func table(
        _ sessions: [SessionStatus], _ scroll: Int, _ count: Int
    ) -> [TopLine] {
        let table = TopTable(sample: sample, change: change, columns: columns)
        return table.lines(sessions, scroll, count)
    }

    private var eventLines: [TopLine] {
        let count = rows.map { min(max(($0 - 14) / 3, 0), 10) } ?? 10
        guard count > 0, !events.isEmpty else { return [] }
        let shown = events.suffix(count).map { event in
            // The day is known: these are the latest.
            let line = EventText.line(event)
            return TopLine(String(line.dropFirst(11)), Self.style(of: event))
        }
        return [TopLine(""), TopLine("LATEST EVENTS", .title)] + shown
    }

    private static func style(of event: EventRecord) -> TopLine.Style {
        event.kind == .session && event.newState == SessionStateName.down.rawValue
            ? .bad : .faint
    }

    private func foot(_ view: TopView, _ count: Int) -> TopLine {
        if view.isTyping { return TopLine("filter: \(view.filter)_", .bar) }
        let last = min(view.scroll + view.pageLength, count)
        let shown = count == 0 ? "none" : "\(view.scroll + 1)-\(last) of \(count)"
        let filter = view.filter.isEmpty ? "" : ": \(view.filter)"
        return TopLine(
            "\(shown)  q quit  ? help  s sort: \(view.order.rawValue)  / filter\(filter)", .bar)
    }

    static let help = [
        "", "  up, down, k, j          one session on", "  page up, page down      one page on",
        "  home, end, g, G         to the first, to the last",
        "  s                       sort by problems, name, rate, change",
        "  /                       show only what contains a text; Escape shows all",
        "  ? or h                  this help", "  q                       quit",
    ].map { TopLine($0) }

    /// A rate with three digits at least.
    static func rate(_ rate: Double) -> String {
        let tenths = Int64((rate * 10).rounded())
        return tenths < 1_000 ? "\(tenths / 10).\(tenths % 10)" : "\((tenths + 5) / 10)"
    }
}
