internal import BFDCore

// What only rich storms have: Echo, several hops, sessions that peers start, congestion, passwords.

extension StormMaker {
    /// What the link to a peer is.
    mutating func makeKind(with peer: Int) -> Scenario.Kind {
        guard isRich, scenario.nodes[peer].player == .engine else { return .singleHop }
        switch extras.number(in: 0...99) {
        case 0..<45: return .singleHop
        case 45..<65: return .multihop
        case 65..<80: return .loop
        // A damaged multiplier would keep the session of a peer for longer than a rest.
        default: return weather == .corrupting ? .singleHop : .unsolicited
        }
    }

    /// Takes back from a link what its kind cannot have.
    mutating func decide(_ kind: Scenario.Kind, on link: Int) {
        switch kind {
        case .singleHop, .multihop: return
        case .loop, .forwarder: demanding.remove(link)
        case .unsolicited:
            demanding.remove(link)
            // Whoever waits to be asked must be asked.
            passive.insert(link * 2)
        }
    }

    /// Makes an end what its link is.
    mutating func enrich(_ index: Int, _ kind: Scenario.Kind) {
        let isFirst = index % 2 == 0
        var end = scenario.ends[index]
        switch kind {
        case .singleHop:
            end.settings.adaptsToCongestion = extras.chance(perMille: 300)
            if end.authentication != nil && isFirst && extras.chance(perMille: 300) {
                end.authentication = .simplePassword
            }
            if !isFirst && scenario.ends[index - 1].authentication == .simplePassword {
                end.authentication = .simplePassword
            }
        case .multihop:
            end.kind = .multihop
            end.isBound = false
            end.settings.adaptsToCongestion = true
            end.settings.echoTransmitInterval = Microseconds(0)
            end.settings.echoReceiveInterval = Microseconds(0)
            end.minimumTTL = UInt8(extras.pick([1, 200, 250, 254]))
        case .loop, .forwarder:
            end.kind = isFirst ? .loop : .forwarder
            end.authentication = nil
            end.settings = Self.withoutEcho(end.settings)
        case .unsolicited:
            end.kind = isFirst ? .unsolicited : .singleHop
            end.isBound = false
            end.authentication = nil
            end.settings = Self.withoutEcho(end.settings)
            end.settings.role = isFirst ? .passive : .active
        }
        scenario.ends[index] = end
    }

    private static func withoutEcho(_ settings: SessionSettings) -> SessionSettings {
        var settings = settings
        settings.role = .active
        settings.demandMode = false
        settings.adaptsToCongestion = false
        settings.echoTransmitInterval = Microseconds(0)
        settings.echoReceiveInterval = Microseconds(0)
        return settings
    }

    /// Adds what an operator may set beyond the usual.
    mutating func enrich(_ settings: inout SessionSettings, _ end: Int) {
        let isMade = scenario.ends.indices.contains(end)
        let kind = isMade ? scenario.ends[end].kind : .singleHop
        let peerKind = isMade ? scenario.ends[end ^ 1].kind : .singleHop
        guard kind == .singleHop else {
            if kind == .loop || kind == .forwarder { settings = Self.withoutEcho(settings) }
            if kind == .multihop { settings.adaptsToCongestion = true }
            return
        }
        if isMade { settings.adaptsToCongestion = scenario.ends[end].settings.adaptsToCongestion }
        if peerKind == .unsolicited { settings.role = .active }
        let isQuiet = demanding.contains(end / 2) || peerKind == .unsolicited
        guard !isQuiet else { return }
        // OVN knows no Echo.
        guard end % 2 == 0 || scenario.nodes[end / 2 + 1].player != .ovn else { return }
        let choices = intervals + [0, 0, 20, 50]
        settings.echoTransmitInterval = Microseconds(UInt32(extras.pick(choices)) * 1_000)
        settings.echoReceiveInterval = Microseconds(UInt32(extras.pick(choices)) * 1_000)
    }

    /// Somebody wants to know whether a peer is there; most of all where silence is asked for.
    mutating func verify() {
        guard let end = pickEnd(), scenario.ends[end].kind != .unsolicited,
            scenario.nodes[scenario.ends[end].node].player == .engine
        else { return }
        add(.verify(end: end))
    }

    /// How many routers there are on the way from an end, sometimes too many.
    mutating func makeHopCount(_ end: Int) -> UInt8 {
        switch scenario.ends[end].kind {
        case .multihop: return UInt8(extras.pick([0, 1, 1, 3, 5, 10, 60]))
        case .singleHop, .unsolicited:
            let isScripted = isFacingOVN(end) || isFacingOVN(end ^ 1)
            return !isScripted && extras.chance(perMille: 20) ? 1 : 0
        case .loop, .forwarder: return 0
        }
    }
}

extension Scenario.End {
    /// Whether an operator can disable its session: what hears only itself knows no AdminDown.
    var mayBeDisabled: Bool {
        switch kind {
        case .singleHop, .multihop: true
        case .loop, .forwarder, .unsolicited: false
        }
    }

    /// Whether an operator has made its session.
    var mayBeRemoved: Bool {
        switch kind {
        case .singleHop, .multihop, .loop: true
        case .forwarder, .unsolicited: false
        }
    }
}
