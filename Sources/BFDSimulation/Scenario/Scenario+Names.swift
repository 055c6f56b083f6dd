internal import BFDCore

extension Scenario {
    /// An end by the names of its node and its peer's: `a/b`.
    public func name(of end: Int) -> String {
        "\(nodes[ends[end].node].name)/\(nodes[ends[end ^ 1].node].name)"
    }

    /// An action as scenario files have it.
    public func text(of action: Action) -> String {
        switch action {
        case .conditions(let end, let conditions):
            let (from, to) = (nodes[ends[end].node].name, nodes[ends[end ^ 1].node].name)
            return "net \(from) \(to)" + Self.text(of: conditions)
        case .heal: return "heal"
        case .stop(let node, let span): return "stop \(nodes[node].name) \(milliseconds(span))"
        case .kill(let node): return "kill \(nodes[node].name)"
        case .start(let node, let keeps):
            return "start \(nodes[node].name) \(keeps ? "kept" : "fresh")"
        case .configure(let end, let settings):
            return "set \(name(of: end))" + Self.text(of: settings)
        case .key(let end, let generation): return "key \(name(of: end)) \(generation)"
        case .verify(let end): return "verify \(name(of: end))"
        case .disable(let end): return "disable \(name(of: end))"
        case .enable(let end): return "enable \(name(of: end))"
        case .interface(let end, let index): return "interface \(name(of: end)) \(index)"
        case .remove(let end): return "remove \(name(of: end))"
        case .add(let end, let keeps):
            return "add \(name(of: end)) \(keeps ? "kept" : "fresh")"
        case .rest: return "rest"
        }
    }

    private static func text(of settings: SessionSettings) -> String {
        " tx=\(milliseconds(settings.desiredMinTxInterval.nanoseconds))"
            + " rx=\(milliseconds(settings.requiredMinRxInterval.nanoseconds))"
            + " mult=\(settings.detectMultiplier)"
            + " role=\(settings.role == .active ? "active" : "passive")"
            + (settings.demandMode ? " demand=on" : " demand=off") + echoText(of: settings)
    }

    private static func echoText(of settings: SessionSettings) -> String {
        let (own, peers) = (settings.echoTransmitInterval, settings.echoReceiveInterval)
        guard own.count > 0 || peers.count > 0 else { return "" }
        return " echo-tx=\(milliseconds(own.nanoseconds))"
            + " echo-rx=\(milliseconds(peers.nanoseconds))"
    }

    private static func text(of conditions: LinkConditions) -> String {
        var text = conditions.isCut ? " cut" : ""
        text += " delay=\(milliseconds(conditions.delay))"
        if conditions.jitter.count > 0 { text += " jitter=\(milliseconds(conditions.jitter))" }
        let rates = [
            ("loss", conditions.lossPerMille), ("reorder", conditions.reorderPerMille),
            ("duplicate", conditions.duplicatePerMille), ("corrupt", conditions.corruptPerMille),
        ]
        for (name, rate) in rates where rate > 0 { text += " \(name)=\(rate)" }
        if conditions.hopCount > 0 { text += " hops=\(conditions.hopCount)" }
        return text
    }
}
