import ControlProtocol
@testable import GatewatchCLI
import Testing

/// What `doctor` says of routes.
@Suite struct RouteCheckTests {
    private func route(
        _ prefix: String, _ state: RouteStateName, error: String? = nil
    ) -> RouteStatus {
        RouteStatus(
            prefix: prefix, table: 254, metric: 50, state: state, nextHops: [], error: error)
    }

    @Test func `A route of somebody else in the way is a finding that names both ways out`() throws
    {
        let check = try #require(
            RouteCheck.check([
                route("0.0.0.0/0", .conflict, error: "a route of somebody else has the same key"),
                route("10.0.0.0/8", .installed),
            ]))
        #expect(check.summary == "1 of 2 as wanted")
        let finding = try #require(check.findings.first)
        #expect(check.findings.count == 1 && finding.code == "route-conflict")
        #expect(finding.subject == "0.0.0.0/0 table main metric 50")
        #expect(finding.nextStep.contains("metric") && finding.nextStep.contains("table"))
        #expect(DoctorReport(checks: [check]).exitCode == 1)
    }

    @Test func `What the kernel refuses is told in its words, whatever is installed`() throws {
        let check = try #require(
            RouteCheck.check([route("0.0.0.0/0", .partial, error: "Nexthop has invalid gateway")]))
        #expect(check.findings.map(\.code) == ["route-refused"])
        #expect(check.findings[0].cause == "Nexthop has invalid gateway")
    }

    @Test(arguments: [
        RouteStateName.installed, .partial, .withdrawn, .blackhole,
    ])
    func `A route that follows its sessions is as wanted`(_ state: RouteStateName) throws {
        let check = try #require(RouteCheck.check([route("0.0.0.0/0", state)]))
        #expect(check.findings.isEmpty && check.summary == "1 of 1 as wanted")
    }

    @Test func `Thousands of routes with one trouble are not told one by one`() throws {
        let routes = (0..<1_000).map { number in
            route("10.\(number / 256).\(number % 256).0/24", .error, error: "no")
        }
        let check = try #require(RouteCheck.check(routes))
        #expect(check.findings.count == 8 && check.notes.count == 1)
        #expect(check.notes[0].contains("992 more"))
        #expect(RouteCheck.check([]) == nil)
    }
}
