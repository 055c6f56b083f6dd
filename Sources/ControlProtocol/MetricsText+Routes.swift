extension MetricsText {
    /// Adds what is known of the routes, and what their changes took.
    mutating func add(_ report: RoutesReport) {
        func labels(_ route: RouteStatus) -> [(String, String)] {
            [
                ("prefix", route.prefix), ("table", "\(route.table)"),
                ("metric", "\(route.metric)"),
            ]
        }
        add(
            "gatewatch_route_state", .gauge,
            "1 for the state that the route is in, 0 for all others.",
            report.routes.flatMap { route in
                RouteStateName.allCases.map { state in
                    (
                        labels(route) + [("state", state.rawValue)],
                        route.state == state ? "1" : "0"
                    )
                }
            })
        add(
            "gatewatch_route_next_hops_configured", .gauge, "Next hops that the route may have.",
            report.routes.map { (labels($0), "\($0.nextHops.count)") })
        add(
            "gatewatch_route_next_hops_wanted", .gauge,
            "Next hops that belong in the route now.",
            report.routes.map { (labels($0), "\($0.nextHops.count(where: \.isWanted))") })
        add(
            "gatewatch_route_next_hops_installed", .gauge,
            "Next hops that are in the kernel's route.",
            report.routes.map { (labels($0), "\($0.nextHops.count(where: \.isInstalled))") })
        guard let changes = report.changes else { return }
        add(
            "gatewatch_route_changes_total", .counter, "What happened to routes, by kind.",
            changes.counts.sorted { $0.key < $1.key }.map { ([("kind", $0.key)], "\($0.value)") })
        add(
            "gatewatch_route_change_duration_seconds",
            "From the cause of a change to the kernel's acknowledgement.", changes.duration)
    }
}
