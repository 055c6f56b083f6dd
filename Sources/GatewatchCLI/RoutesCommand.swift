internal import ArgumentParser
internal import ControlProtocol
internal import Daemon

/// `gatewatch routes`.
struct RoutesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "routes",
        abstract: "Show wanted routes next to installed ones, with the reason for each difference.",
        discussion: """
            Examples:
              gatewatch routes
              gatewatch routes --json
            """)

    @OptionGroup var control: ControlOptions

    func run() throws {
        try withOutput {
            guard case .routes(let report) = try control.ask(.routes) else {
                throw control.unexpected()
            }
            let text =
                control.json ? try ControlCoding.text(report) : RouteText.text(report.routes)
            try StandardStreams.print(text)
        }
    }
}

/// Routes as people read them.
enum RouteText {
    /// Each route with a table of its next hops.
    static func text(_ routes: [RouteStatus]) -> String {
        guard !routes.isEmpty else { return "No routes are configured." }
        return routes.map(text).joined(separator: "\n\n")
    }

    /// What tells a route from all others.
    static func name(_ route: RouteStatus) -> String {
        let table = route.table == 254 ? "main" : "\(route.table)"
        return "\(route.prefix) table \(table) metric \(route.metric)"
    }

    private static func text(_ route: RouteStatus) -> String {
        var lines = ["\(name(route)): \(explained(route))"]
        if let error = route.error { lines.append("  error: \(error)") }
        lines += (route.rules ?? []).map(text)
        if let resilience = route.resilience {
            lines.append("  resilient group of \(resilience.buckets) buckets")
        }
        var table = TextTable([
            .flexible("  PEER", minimumWidth: 14), .flexible("VIA", minimumWidth: 15),
            .fixed("WEIGHT"), .fixed("WANTED"), .fixed("INSTALLED"),
            .flexible("REASON", minimumWidth: 20),
        ])
        for hop in route.nextHops {
            table.add([
                "  \(hop.peer)", hop.via + (hop.interface.map { "%\($0)" } ?? ""),
                "\(hop.weight)", hop.isWanted ? "yes" : "no", hop.isInstalled ? "yes" : "no",
                reason(hop),
            ])
        }
        return (lines + [table.text]).joined(separator: "\n")
    }

    private static func text(_ rule: RuleStatus) -> String {
        let table = rule.table == 254 ? "main" : "\(rule.table)"
        let suppressed = rule.suppressedLength.map { ", only routes longer than /\($0)" } ?? ""
        let state = rule.isInstalled ? "installed" : rule.error ?? "not installed"
        return "  rule \(rule.priority): table \(table)\(suppressed): \(state)"
    }

    /// Why a next hop is not as configured, and for how long.
    private static func reason(_ hop: NextHopStatus) -> String {
        var parts: [String] = []
        if let until = hop.heldUntil {
            let what = hop.isSuppressed == true ? "suppressed" : "hold-up"
            parts.append("\(what) until \(until.timeOfDay)")
        } else if let reason = hop.reason {
            parts.append(reason)
        }
        if let penalty = hop.penalty, penalty > 0 { parts.append("penalty \(penalty)") }
        return parts.isEmpty ? "-" : parts.joined(separator: ", ")
    }

    private static func explained(_ route: RouteStatus) -> String {
        switch route.state {
        case .installed: "installed"
        case .partial: "installed in part"
        case .withdrawn: "withdrawn, no next hop is left"
        case .blackhole: "blackhole, no next hop is left"
        case .conflict: "not installed, a route of somebody else is in the way"
        case .error: "not as wanted"
        }
    }
}

extension Timestamp {
    /// Without the date, to the millisecond, in UTC.
    fileprivate var timeOfDay: String {
        "\(description.dropFirst(11).prefix(12))Z"
    }
}
