internal import ControlProtocol
internal import NodeCore

/// What `doctor` says of routes: those that the kernel does not have as they are wanted.
///
/// A route that waits for its sessions is as it is wanted; what they wait for is told elsewhere.
enum RouteCheck {
    /// How many routes are told one by one: what keeps one from the kernel may keep thousands.
    private static let mostFindings = 8

    /// Nil where no routes are configured.
    static func check(_ routes: [RouteStatus]) -> DoctorCheck? {
        guard !routes.isEmpty else { return nil }
        let wrong = routes.filter { $0.error != nil || $0.state == .conflict }
        var check = DoctorCheck(
            "routes", "\(routes.count - wrong.count) of \(routes.count) as wanted",
            findings: wrong.prefix(mostFindings).map(finding))
        if wrong.count > mostFindings {
            check.notes = ["and \(wrong.count - mostFindings) more: see gatewatch routes"]
        }
        return check
    }

    private static func finding(_ route: RouteStatus) -> DoctorFinding {
        let error = route.error ?? "a route of somebody else has the same key"
        let finding =
            route.state == .conflict
            ? Finding(
                code: "route-conflict", cause: error,
                nextStep: "Give it another metric, or a table of its own with rule: {priority: N}; "
                    + "or take the other route away: \"ip route show\" says whose it is.")
            : Finding(
                code: "route-refused", cause: error,
                nextStep: "It is tried again by itself; \"gatewatch routes\" says which next hops "
                    + "are missing.")
        var result = DoctorFinding(finding)
        result.subject = RouteText.name(route)
        return result
    }
}
