internal import ControlProtocol

/// What of a sample is shown, and in which order.
struct TopView {
    /// The orders of sessions.
    enum Order: String, CaseIterable {
        /// What is not as it should be first.
        case problems
        case name
        /// The busiest first.
        case rate
        /// What changed last first.
        case change

        var next: Order {
            let all = Self.allCases
            let place = all.firstIndex(of: self) ?? 0
            return all[(place + 1) % all.count]
        }
    }

    var order = Order.problems
    var filter = ""
    /// Whether keys go into the filter.
    var isTyping = false
    var isHelpShown = false
    /// The first session that is shown.
    var scroll = 0
    /// How many sessions there was room for the last time.
    var pageLength = 10

    /// Does what a key asks for; false for the end.
    mutating func press(_ key: TopKey) -> Bool {
        if isTyping {
            type(key)
            return true
        }
        switch key {
        case .up: scroll -= 1
        case .down, .enter: scroll += 1
        case .pageUp: scroll -= max(pageLength - 1, 1)
        case .pageDown: scroll += max(pageLength - 1, 1)
        case .home: scroll = 0
        case .end: scroll = .max / 2
        case .escape:
            if isHelpShown { isHelpShown = false } else { filter = "" }
        case .backspace: filter = ""
        case .character(let character): return press(character)
        }
        scroll = max(scroll, 0)
        return true
    }

    private mutating func press(_ character: Character) -> Bool {
        switch character {
        case "q", "Q": return false
        case "s": order = order.next
        case "/": isTyping = true
        case "?", "h": isHelpShown.toggle()
        case "k": scroll = max(scroll - 1, 0)
        case "j": scroll += 1
        case " ": scroll += max(pageLength - 1, 1)
        case "g": scroll = 0
        case "G": scroll = .max / 2
        default: break
        }
        return true
    }

    private mutating func type(_ key: TopKey) {
        switch key {
        case .character(let character): filter.append(character)
        case .backspace: _ = filter.popLast()
        case .enter: isTyping = false
        case .escape:
            isTyping = false
            filter = ""
        case .up, .down, .pageUp, .pageDown, .home, .end: break
        }
        scroll = 0
    }

    /// The sessions that are asked for, in order.
    func sessions(_ sample: TopSample, _ change: TopChange) -> [SessionStatus] {
        let wanted = filter.lowercased()
        let shown = sample.status.sessions.filter { session in
            wanted.isEmpty
                || [
                    session.name, session.destinationAddress, session.running.localState.rawValue,
                    session.interface ?? "", session.lastCause ?? "",
                ].contains { $0.lowercased().contains(wanted) }
        }
        let keyed = shown.enumerated().map { place, session in
            (session: session, rank: rank(session, change), place: place)
        }
        let sorted = keyed.sorted { one, other in
            if order == .name, one.session.name != other.session.name {
                return one.session.name < other.session.name
            }
            return one.rank == other.rank ? one.place < other.place : one.rank < other.rank
        }
        return sorted.map(\.session)
    }

    private func rank(_ session: SessionStatus, _ change: TopChange) -> Double {
        switch order {
        case .problems: Double(TopProblem(session, change).rawValue)
        case .name: 0
        case .rate: change.rates[session.name].map { -$0.sent - $0.received } ?? 0
        case .change: -Double(session.lastChange.microseconds)
        }
    }
}

/// How bad a session stands.
enum TopProblem: Int {
    case down
    case initializing
    case administrativelyDown
    /// Up, but packets are discarded or cannot be sent.
    case troubled
    case fine

    init(_ session: SessionStatus, _ change: TopChange) {
        switch session.running.localState {
        case .down: self = .down
        case .initializing: self = .initializing
        case .adminDown: self = .administrativelyDown
        case .up:
            let rate = change.rates[session.name] ?? TopRate()
            self = rate.discarded + rate.failed > 0 ? .troubled : .fine
        }
    }
}

extension SessionStatus {
    /// When it last came Up, went Down, or was made.
    var lastChange: Timestamp {
        [statistics.lastUpTime, statistics.lastDownTime].compactMap(\.self).max()
            ?? statistics.createTime
    }
}
