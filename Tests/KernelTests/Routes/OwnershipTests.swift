import Netlink
import RouteController
import RouteCore
import Testing

extension RouteTests {
    @Suite struct OwnershipTests {
        @Test(arguments: RouteCase.all)
        func `a foreign route with the same key is never replaced`(each: RouteCase) throws {
            try RouteLab.run { lab in
                let foreign = [
                    each.flag, "route", "add", "default", "via", each.gateway(0, host: 9),
                    "metric", "50", "proto", "static",
                ]
                try shell(["ip"] + foreign)
                let before = try shell("ip", each.flag, "route", "show", "default")
                let controller = try lab.controller([each.route()], each.options)
                controller.start()
                controller.sessionChanged(peer: "a", to: .up)
                controller.sessionChanged(peer: "b", to: .up)
                #expect(try shell("ip", each.flag, "route", "show", "default") == before)
                let snapshot = try #require(controller.snapshot().first)
                #expect(snapshot.state == .conflict)
                #expect(snapshot.error?.contains("static (4)") == true)
                #expect(snapshot.error?.contains(each.gateway(0, host: 9)) == true)
                lab.serve(milliseconds: 200)
                #expect(lab.events.filter { $0.kind == .conflict }.count == 1)
                #expect(try shell("ip", each.flag, "route", "show", "default") == before)
                try shell(["ip", each.flag, "route", "del"] + foreign.dropFirst(3))
                try lab.waitUntil("our route takes the place") {
                    controller.snapshot().first?.state == .installed
                }
                #expect(try lab.gateways(each.route().key).count == 2)
            }
        }

        @Test func `a foreign route put before ours is not replaced either`() throws {
            try RouteLab.run { lab in
                let each = RouteCase(family: .ipv4, useNextHopObjects: .never)
                let controller = try lab.controller([each.route()], each.options)
                controller.start()
                controller.sessionChanged(peer: "a", to: .up)
                try shell(
                    "ip", "route", "prepend", "default", "via", each.gateway(1, host: 9), "metric",
                    "50", "proto", "static")
                controller.sessionChanged(peer: "b", to: .up)
                let shown = try shell("ip", "route", "show", "default", "proto", "static")
                #expect(shown.contains(each.gateway(1, host: 9)))
                #expect(controller.snapshot().first?.state == .conflict)
                try shell(
                    "ip", "route", "del", "default", "via", each.gateway(1, host: 9), "metric",
                    "50", "proto", "static")
                try lab.waitUntil("the second next hop is in") {
                    controller.snapshot().first?.state == .installed
                }
            }
        }

        @Test(arguments: RouteCase.all)
        func `what a previous run left is adopted without a message`(each: RouteCase) throws {
            try RouteLab.run { lab in
                let route = try each.route()
                var first: RouteController? = try lab.controller([route], each.options)
                first?.start()
                first?.sessionChanged(peer: "a", to: .up)
                first?.sessionChanged(peer: "b", to: .up)
                first = nil
                let left = try lab.kernel()
                let observer = try RouteMonitor()
                let second = try lab.controller([route], each.options(graceMilliseconds: 300))
                lab.forgetEvents()
                second.start()
                #expect(lab.events.map(\.kind) == [.routeAdopted])
                second.sessionChanged(peer: "a", to: .startingUp)
                second.sessionChanged(peer: "b", to: .startingUp)
                #expect(
                    second.snapshot().first?.nextHops.first?.reason == "waiting for session, kept")
                second.sessionChanged(peer: "a", to: .up)
                #expect(try observer.read().isEmpty)
                #expect(try lab.kernel() == left)
                try lab.waitUntil("the grace ends") {
                    try lab.gateways(route.key) == [each.gateway(0)]
                }
                second.sessionChanged(peer: "b", to: .up)
                #expect(try lab.kernel() == left)
            }
        }

        @Test(arguments: RouteCase.all)
        func `what a previous run left in the other form is changed without a gap`(
            each: RouteCase
        ) throws {
            try RouteLab.run { lab in
                let route = try each.route()
                let other = RouteCase(
                    family: each.family,
                    useNextHopObjects: each.useNextHopObjects == .never ? .automatic : .never)
                var first: RouteController? = try lab.controller([route], other.options)
                first?.start()
                first?.sessionChanged(peer: "a", to: .up)
                first?.sessionChanged(peer: "b", to: .up)
                first = nil
                let observer = try RouteMonitor()
                let second = try lab.controller([route], each.options)
                second.start()
                #expect(try lab.gateways(route.key).count == 2)
                for told in try observer.read() {
                    guard case .routeRemoved = told.change else { continue }
                    Issue.record("a route went: \(told)")
                }
                switch try lab.kernel().routes[route.key] {
                case .group: #expect(each.useNextHopObjects == .automatic)
                case .nextHops:
                    #expect(each.useNextHopObjects == .never)
                    #expect(try lab.kernel().groups.isEmpty && lab.kernel().nextHops.isEmpty)
                case .blackhole, nil: Issue.record("no route")
                }
            }
        }

        @Test(arguments: RouteCase.all)
        func `withdrawing leaves everything foreign and nothing of ours`(each: RouteCase) throws {
            try RouteLab.run { lab in
                try shell(
                    "ip", each.flag, "route", "add", "default", "via", each.gateway(0, host: 9),
                    "metric", "60", "proto", "static")
                // Our id range, but not our protocol; and the other way round.
                try shell(
                    "ip", "nexthop", "add", "id", "\(0x5880_0000)", "via",
                    each.gateway(1, host: 9), "dev", "g1", "proto", "zebra")
                try shell(
                    "ip", "nexthop", "add", "id", "7", "via", each.gateway(1, host: 8), "dev",
                    "g1", "proto", "158")
                let routes = try shell("ip", each.flag, "route", "show", "table", "all")
                let nextHops = try shell("ip", "nexthop", "show")
                let controller = try lab.controller([each.route()], each.options)
                controller.start()
                controller.sessionChanged(peer: "a", to: .up)
                controller.sessionChanged(peer: "b", to: .up)
                #expect(controller.snapshot().first?.state == .installed)
                controller.withdrawAll()
                #expect(try shell("ip", each.flag, "route", "show", "table", "all") == routes)
                #expect(try shell("ip", "nexthop", "show") == nextHops)
                controller.sessionChanged(peer: "a", to: .failed)
                controller.sessionChanged(peer: "a", to: .up)
                lab.serve(milliseconds: 50)
                #expect(try shell("ip", "nexthop", "show") == nextHops)
            }
        }

        @Test(arguments: RouteCase.all)
        func `our route replaced by somebody else's is a conflict`(each: RouteCase) throws {
            try RouteLab.run { lab in
                let controller = try lab.controller([each.route()], each.options)
                controller.start()
                controller.sessionChanged(peer: "a", to: .up)
                controller.sessionChanged(peer: "b", to: .up)
                let words = ["default", "via", each.gateway(0, host: 9), "metric", "50"]
                try shell(["ip", each.flag, "route", "replace"] + words)
                let foreign = try shell("ip", each.flag, "route", "show", "default")
                try lab.waitUntil("the conflict is seen") {
                    controller.snapshot().first?.state == .conflict
                }
                controller.sessionChanged(peer: "a", to: .failed)
                controller.sessionChanged(peer: "b", to: .failed)
                controller.sessionChanged(peer: "b", to: .up)
                controller.withdrawAll()
                #expect(try shell("ip", each.flag, "route", "show", "default") == foreign)
                #expect(try lab.kernel() == RouteState())
            }
        }

        /// The kernel takes two routes of one key when the second is appended.
        @Test(arguments: RouteCase.all.filter { $0.family == .ipv4 }, ["append", "prepend"])
        func `beside somebody else's route of the same key ours leads to no next hop that is gone`(
            each: RouteCase, way: String
        ) throws {
            try RouteLab.run { lab in
                let controller = try lab.controller([each.route()], each.options)
                controller.start()
                controller.sessionChanged(peer: "a", to: .up)
                controller.sessionChanged(peer: "b", to: .up)
                let words = ["default", "via", each.gateway(0, host: 9), "metric", "50"]
                try shell(["ip", "route", way] + words + ["protocol", "static"])
                controller.sessionChanged(peer: "a", to: .failed)
                let shown = try shell("ip", "route", "show", "default")
                #expect(shown.contains("via \(each.gateway(0, host: 9)) "))
                #expect(!shown.contains("via \(each.gateway(0)) "), "\(shown)")
                try shell(["ip", "route", "delete"] + words + ["protocol", "static"])
                try lab.waitUntil("what is Up is in the route again") {
                    try lab.gateways(each.route().key) == [each.gateway(1)]
                }
            }
        }

        @Test(arguments: RouteCase.all)
        func `what was adopted last is kept if the policy says so`(each: RouteCase) throws {
            try RouteLab.run { lab in
                let route = try each.route(RoutePolicy(whenNoneUp: .keepLast))
                var first: RouteController? = try lab.controller([route], each.options)
                first?.start()
                first?.sessionChanged(peer: "a", to: .up)
                first = nil
                let left = try lab.kernel()
                let second = try lab.controller([route], each.options(graceMilliseconds: 50))
                second.start()
                lab.serve(milliseconds: 120)
                #expect(try lab.kernel() == left)
                second.sessionChanged(peer: "b", to: .up)
                #expect(try lab.gateways(route.key) == [each.gateway(1)])
            }
        }

        @Test func `routes that a previous run left and nobody wants are removed`() throws {
            try RouteLab.run { lab in
                let each = RouteCase.all[0]
                var first: RouteController? = try lab.controller(
                    [each.route(), each.route(table: 77)], each.options)
                first?.start()
                first?.sessionChanged(peer: "a", to: .up)
                first = nil
                #expect(try lab.kernel().routes.count == 2)
                let second = try lab.controller([each.route()], each.options)
                second.start()
                #expect(try Array(lab.kernel().routes.keys) == [each.route().key])
            }
        }
    }
}
