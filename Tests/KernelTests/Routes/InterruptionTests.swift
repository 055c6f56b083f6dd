import Netlink
@testable import RouteController
import RouteCore
import Testing

extension RouteTests {
    @Suite struct InterruptionTests {
        /// What a controller may be in the middle of when it is killed.
        enum Update: CaseIterable {
            case firstNextHop, secondNextHop, failure, lastFailure, otherTable, withdrawal
        }

        @Test(arguments: RouteCase.all, Update.allCases)
        func `killed after any of its messages, the next start finishes`(
            each: RouteCase, update: Update
        ) throws {
            try RouteLab.run { lab in
                var messageCount = 0
                var wasCutShort = true
                while wasCutShort {
                    wasCutShort = try interrupt(lab, each, update, after: messageCount)
                    messageCount += 1
                    try #require(messageCount < 20)
                }
                print("\(update), \(each.testDescription): killed after 0 to \(messageCount - 1)")
            }
        }

        /// Whether the controller had more to send.
        private func interrupt(
            _ lab: RouteLab, _ each: RouteCase, _ update: Update, after messageCount: Int
        ) throws -> Bool {
            let routes = [try each.route(), try each.route(table: 77)]
            let before = try lab.controller(routes, each.options)
            before.start()
            if update != .firstNextHop { before.sessionChanged(peer: "a", to: .up) }
            if update == .failure { before.sessionChanged(peer: "b", to: .up) }
            let observer = try RouteMonitor()
            before.messagesLeft = messageCount
            var up: Set<String> = [each.gateway(0)]
            switch update {
            case .firstNextHop: before.sessionChanged(peer: "a", to: .up)
            case .secondNextHop:
                before.sessionChanged(peer: "b", to: .up)
                up.insert(each.gateway(1))
            case .failure: before.sessionChanged(peer: "b", to: .failed)
            case .lastFailure:
                before.sessionChanged(peer: "a", to: .failed)
                up = []
            case .otherTable: try before.setRoutes([each.route()])
            case .withdrawal: before.withdrawAll()
            }
            let wasCutShort = before.messagesLeft.map { $0 < 0 } ?? false
            let wanted = update == .otherTable ? [routes[0]] : routes
            let after = try lab.controller(wanted, each.options)
            after.start()
            after.sessionChanged(peer: "a", to: up.isEmpty ? .failed : .up)
            after.sessionChanged(peer: "b", to: up.count == 2 ? .up : .failed)
            for route in wanted { #expect(try lab.gateways(route.key) == up) }
            let state = try lab.kernel()
            #expect(state.routes.count == (up.isEmpty ? 0 : wanted.count))
            #expect(state.groups.count <= 1, "no group is leaked")
            #expect(state.nextHops.count <= 2, "no next hop is leaked")
            if [.secondNextHop, .failure].contains(update) {
                for told in try observer.read() {
                    guard case .routeRemoved = told.change else { continue }
                    Issue.record("a surviving next hop left: \(told)")
                }
            }
            after.withdrawAll()
            #expect(try lab.kernel() == RouteState())
            return wasCutShort
        }
    }
}
